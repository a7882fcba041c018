//! `mistnet simulate service-bus`: the simulator of Azure Service Bus as a server.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use mistnet_sim_service_bus::{Options, QueueSettings, Simulator, Tls};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::listen::listen;
use crate::cli::args::SimulateServiceBusArgs;
use crate::cli::context::Context;
use crate::cli::report::{Exit, Reporting};
use crate::cli::signals;

/// Name and key in the connection string when any token will do; clients want some.
const ANY_POLICY: (&str, &str) = ("RootManageSharedAccessKey", "SAS_KEY_VALUE");

/// Serves until a signal, then drops all connections.
pub async fn run(context: &Context, args: &SimulateServiceBusArgs) -> anyhow::Result<Exit> {
    let options = options(args)?;
    let wanted = context.listen.unwrap_or(SimulateServiceBusArgs::LISTEN);
    let listener = listen(wanted, "--listen").await?;
    let control = match args.control {
        Some(wanted) => Some(listen(wanted, "--control").await?),
        None => None,
    };
    let stop = signals::stop_token()?;
    announce(context, args, listener.local_addr()?, control.as_ref())?;
    let simulator = Simulator::new(options);
    let serving = simulator.serve(listener, stop.cancelled());
    let controlling = serve_control(&simulator, control, &stop);
    let both = async { tokio::try_join!(serving, controlling) };
    // A client that keeps its control connection open must not keep the server.
    if let Some(served) = signals::drained(both, &stop, &*context.clock).await {
        served.context("can't serve")?;
    }
    Ok(Exit::Ok)
}

async fn serve_control(
    simulator: &Simulator,
    listener: Option<TcpListener>,
    stop: &CancellationToken,
) -> std::io::Result<()> {
    let Some(listener) = listener else { return Ok(()) };
    let stopped = stop.clone().cancelled_owned();
    axum::serve(listener, simulator.control()).with_graceful_shutdown(stopped).await
}

fn announce(
    context: &Context,
    args: &SimulateServiceBusArgs,
    address: SocketAddr,
    control: Option<&TcpListener>,
) -> anyhow::Result<()> {
    let connection_string = connection_string(args, address);
    let control = control.map(TcpListener::local_addr).transpose()?;
    let control = control.map(|address| format!("http://{address}"));
    context.output.line(&format!("listening on {address}"))?;
    context.output.line(&connection_string)?;
    if let Some(url) = &control {
        context.output.line(&format!("control {url}"))?;
    }
    context.output.json(&json!({
        "address": address.to_string(),
        "connection_string": connection_string,
        "control": control,
    }))?;
    let tokens = if args.policy.is_some() { "tokens are checked" } else { "any token will do" };
    context.output.say(&format!("queues: {}; {tokens}", args.queues.join(", ")));
    Ok(())
}

/// What the official clients take. Without `UseDevelopmentEmulator` they insist on TLS.
fn connection_string(args: &SimulateServiceBusArgs, address: SocketAddr) -> String {
    let (ip, port) = (address.ip(), address.port());
    let host = if ip.is_loopback() || ip.is_unspecified() {
        format!("localhost:{port}")
    } else {
        address.to_string()
    };
    let policy = args.policy.as_ref().map(|policy| (policy.name.as_str(), policy.key.as_str()));
    let (name, key) = policy.unwrap_or(ANY_POLICY);
    let emulator = if args.tls_cert.is_none() { "UseDevelopmentEmulator=true;" } else { "" };
    format!("Endpoint=sb://{host};SharedAccessKeyName={name};SharedAccessKey={key};{emulator}")
}

fn options(args: &SimulateServiceBusArgs) -> anyhow::Result<Options> {
    let queue = |name: &String| QueueSettings {
        lock_time: args.lock_time(),
        max_delivery: args.max_delivery.get(),
        duplicate_window: args.duplicate_window(),
        ..QueueSettings::named(name)
    };
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls(certificate, key)?),
        _ => None,
    };
    Ok(Options {
        queues: args.queues.iter().map(queue).collect(),
        keys: args.policy.as_ref().map(|policy| (policy.name.clone(), policy.key.clone())),
        tls,
        ..Options::default()
    })
}

fn tls(certificate: &Path, key: &Path) -> anyhow::Result<Tls> {
    let read = |path: &Path| {
        std::fs::read(path)
            .with_context(|| format!("can't read {}", path.display()))
            .exit(Exit::Io)
            .hint("--tls-cert and --tls-key are PEM files")
    };
    Tls::from_pem(&read(certificate)?, &read(key)?)
        .with_context(|| format!("can't use {} with {}", certificate.display(), key.display()))
        .exit(Exit::Usage)
        .hint("--tls-cert takes a certificate chain, --tls-key its private key, both in PEM")
}
