//! `mistnet doctor`: what would go wrong, found out without changing anything.
//!
//! Without `--online` it talks to nobody outside this machine. Secrets are named, never shown.

mod checks;
mod online;
#[cfg(feature = "service-bus")]
mod service_bus;

use serde::Serialize;

use super::args::DoctorArgs;
use super::context::Context;
use super::report::Exit;
use crate::config::Config;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// All is well.
    Ok,
    /// It works, but a person should know.
    Warning,
    /// Something will fail.
    Wrong,
}

impl Finding {
    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, detail: detail.into(), hint: None }
    }

    fn warning(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { check, verdict: Verdict::Warning, detail: detail.into(), hint }
    }

    fn wrong(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, ..Self::warning(check, detail, hint) }
    }
}

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
    let mut findings = vec![
        Finding::ok("program", program()),
        checks::token(&config),
        checks::http(&config),
        if args.online { online::store(&config).await } else { checks::store(&config) },
        checks::queue(&config).await,
    ];
    findings.extend(checks::space(&config.store));
    if args.online {
        findings.extend(online::check(&config, &*context.clock).await);
        #[cfg(feature = "service-bus")]
        if matches!(config.queue, crate::config::QueueUrl::ServiceBus(_)) {
            findings.extend(service_bus::check(&config, &context.clock).await);
        }
    } else {
        let hint = "mistnet doctor --online asks it; that costs nothing";
        findings.push(Finding { hint: Some(hint.into()), ..Finding::ok("x", "not asked") });
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
    let sqlite = rusqlite::version();
    format!("mistnet {}, SQLite {sqlite}", env!("CARGO_PKG_VERSION"))
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
