//! `mistnet doctor`: what would go wrong, found out without changing anything.
//!
//! Without `--online` it talks to nobody outside this machine. Secrets are named, never shown. The
//! store and the queue say themselves what was found out about them.

mod checks;
mod online;

use serde::Serialize;

use super::args::DoctorArgs;
use super::context::Context;
use super::report::Exit;
use crate::app::own_queues;
use crate::check::{Finding, Scope, Verdict};
use crate::config::Config;
use crate::{queue, store};

/// One setting, for programs.
#[derive(Debug, Serialize)]
struct Setting {
    key: &'static str,
    value: String,
    origin: String,
}

/// Checks everything; fails if something is wrong.
pub async fn run(context: &Context, args: &DoctorArgs) -> anyhow::Result<Exit> {
    let config = context.config()?;
    let scope = if args.online { Scope::Online } else { Scope::Offline };
    let mut findings =
        vec![Finding::ok("program", program()), checks::token(&config), checks::http(&config)];
    findings.extend(config.store.check(scope).await);
    findings.extend(config.queue.check(own_queues(&config, &context.clock), scope).await);
    match scope {
        Scope::Online => findings.extend(online::check(&config, &*context.clock).await),
        Scope::Offline => {
            let hint = "mistnet doctor --online asks it; that costs nothing";
            findings.push(Finding::ok("x", "not asked").hint(hint));
        }
    }
    let output = &context.output;
    output.line(&lines(&findings))?;
    output.line(&format!("\nsettings:\n{}", indented(&config)))?;
    let wrong = findings.iter().any(|finding| finding.verdict == Verdict::Wrong);
    output.json(&serde_json::json!({
        "ok": !wrong,
        "findings": findings,
        "settings": settings(&config),
    }))?;
    Ok(if wrong { Exit::Failure } else { Exit::Ok })
}

fn program() -> String {
    let of_queues = queue::KINDS.iter().filter_map(|kind| kind.built_on);
    let of_stores = store::KINDS.iter().filter_map(|kind| kind.built_on);
    let own = concat!("mistnet ", env!("CARGO_PKG_VERSION")).to_owned();
    let libraries = of_queues.chain(of_stores).map(|library| library());
    std::iter::once(own).chain(libraries).collect::<Vec<_>>().join(", ")
}

fn lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let verdict = match finding.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Wrong => "WRONG",
        };
        let hint = finding.hint.iter().map(|hint| format!("\n{:18}hint: {hint}", ""));
        format!("{verdict:<8} {:<8} {}{}", finding.check, finding.detail, hint.collect::<String>())
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn indented(config: &Config) -> String {
    config.to_string().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn settings(config: &Config) -> Vec<Setting> {
    let setting = |effective: &crate::config::Effective| Setting {
        key: effective.key,
        value: effective.value.clone(),
        origin: effective.origin.to_string(),
    };
    config.effective().iter().map(setting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_lines_with_the_next_step() {
        let findings = [
            Finding::ok("store", "./data can be written"),
            Finding::wrong("token", "there is none", "set X_BEARER_TOKEN"),
        ];
        assert_eq!(
            lines(&findings),
            "ok       store    ./data can be written\n\
             WRONG    token    there is none\n                  hint: set X_BEARER_TOKEN"
        );
    }
}
