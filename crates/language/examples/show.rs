use poolform_language::*;
use std::path::Path;
struct Disk;
impl Files for Disk {
    fn list(&self, d: &Path) -> std::io::Result<Vec<String>> {
        let d = if d.as_os_str().is_empty() { Path::new(".") } else { d };
        Ok(std::fs::read_dir(d)?.filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned())).collect())
    }
    fn read(&self, p: &Path) -> std::io::Result<Vec<u8>> { std::fs::read(p) }
    fn is_file(&self, p: &Path) -> bool { p.is_file() }
}
fn main() {
    for dir in std::env::args().skip(1) {
        println!("==== {dir}");
        let (c, d) = load(&Disk, Path::new(&dir), Inputs::default());
        show(&c, &d);
        let known = |_: &str, _: &str| None;
        let (calls, d) = c.calls(&|s| s.contains("cognito-user-pool"), &known);
        show(&c, &d);
        for call in calls {
            println!("{} {} {:?}", call.address, call.source, call.version);
            for (n, v) in &call.arguments { println!("   {n} = {v:?}"); }
            println!("   provider {:?}", call.provider.arguments);
        }
        let (outs, d) = c.outputs(None, &known);
        show(&c, &d);
        for o in outs { println!("   output {} = {:?} {:?}", o.name, o.value, o.reads); }
        let (t, d) = c.terraform();
        show(&c, &d);
        println!("   {:?} {:?}", t.storage, t.required_versions);
    }
}
fn show(c: &Configuration<'_>, d: &poolform_value::Diagnostics) {
    for x in &d.0 {
        let at = match &x.subject { Some(poolform_value::Subject::Source(s)) => { let (l, k) = c.sources().position(s); format!("{}:{l}:{k}", s.file) } other => format!("{other:?}") };
        println!("{:?} {at}: {}: {}", x.severity, x.summary, x.detail);
    }
}
