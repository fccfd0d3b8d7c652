# Runs a function of Python's: takes events from the runtime API, calls the handler, gives back what it answers.
import http.client
import importlib
import json
import os
import sys
import threading
import time
import traceback

ROOT = os.environ["LAMBDA_TASK_ROOT"]
NAME = os.environ["_HANDLER"]


def ask(method, where, body=None):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, "/2018-06-01/runtime/" + where, body, {"content-type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.headers, text


def told(error):
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": frames})


class Context:
    function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    function_version = "$LATEST"
    memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    log_group_name = "/aws/lambda/" + function_name
    log_stream_name = "local"
    identity = None
    client_context = None

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return self.deadline - int(time.time() * 1000)


def load():
    if "." not in NAME:
        raise ValueError("Bad handler '%s': it must be MODULE.FUNCTION" % NAME)
    module, function = NAME.rsplit(".", 1)
    sys.path.insert(0, ROOT)
    found = getattr(importlib.import_module(module.replace("/", ".")), function, None)
    if not callable(found):
        raise AttributeError("Handler '%s' missing on module '%s'" % (function, module))
    return found


def end_with_its_parent():
    sys.stdin.read()
    os._exit(0)


# Its input is closed when poolform ends, however it ends.
threading.Thread(target=end_with_its_parent, daemon=True).start()
try:
    handler = load()
except BaseException as error:
    traceback.print_exc()
    ask("POST", "init/error", told(error))
    sys.exit(1)
while True:
    headers, event = ask("GET", "invocation/next")
    context = Context(headers)
    try:
        result = json.dumps(handler(json.loads(event), context))
        where = "response"
    except Exception as error:
        traceback.print_exc()
        where, result = "error", told(error)
    ask("POST", "invocation/%s/%s" % (context.aws_request_id, where), result)
