// A client in Java's own library: from an issuer to a token of the client itself, and to the key that signed it. Prints both.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.regex.Pattern;

class Tokens {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static String send(HttpRequest.Builder request) throws Exception {
        var answer = CLIENT.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        return answer.body();
    }

    static String member(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        if (!found.find()) throw new IllegalStateException("no " + name + " in " + json);
        return found.group(1);
    }

    public static void main(String[] given) throws Exception {
        String issuer = given[0], id = given[1], secret = given[2];
        String document = send(HttpRequest.newBuilder(URI.create(issuer + "/.well-known/openid-configuration")));
        String basic = Base64.getEncoder().encodeToString((id + ":" + secret).getBytes("UTF-8"));
        String tokens = send(HttpRequest.newBuilder(URI.create(member(document, "token_endpoint")))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "Basic " + basic)
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials")));
        System.out.println(member(tokens, "access_token"));
        System.out.println(send(HttpRequest.newBuilder(URI.create(member(document, "jwks_uri")))));
    }
}
