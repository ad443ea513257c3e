use std::{fs, sync::Arc, thread};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

use crate::{
    program::{command, finish, run},
    server::{App, builder},
};

/// A good receiver under `https:`, whose certificate is its own authority: its port, and the certificate as PEM.
fn secure() -> (u16, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    // It ends with the process.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap().port()).unwrap();
            let (acceptor, endpoint) = (TlsAcceptor::from(Arc::new(config)), builder(App).build().unwrap());
            let service = tencent_im_callback_hyper::service(endpoint);
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let stream = hyper_util::rt::TokioIo::new(stream);
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
                });
            }
        });
    });
    (told.recv().unwrap(), cert.pem())
}

#[test]
fn an_endpoint_under_https_is_checked_against_the_authorities_that_are_known() {
    let (port, certificate) = secure();
    let url = format!("https://localhost:{port}/callback");
    let err = run(&["send", &url, "State.StateChange"]).complained(3);
    assert!(err.contains("certificate"), "{err}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    fs::write(&file, certificate).unwrap();
    let mut trusting = command(&["send", &url, "State.StateChange", "--expect", "ack"]);
    trusting.env("SSL_CERT_FILE", &file);
    finish(trusting).exited(0);
    let mut trusting = command(&["doctor", &url]);
    trusting.env("SSL_CERT_FILE", &file);
    assert!(finish(trusting).exited(0).starts_with(&url));
    // The certificate is for the name, not for the address.
    let mut elsewhere = command(&["send", &format!("https://127.0.0.1:{port}/callback"), "State.StateChange"]);
    elsewhere.env("SSL_CERT_FILE", &file);
    finish(elsewhere).complained(3);
}

#[test]
fn an_endpoint_without_tls_is_told_from_one_with_a_wrong_certificate() {
    let server = crate::server::Server::good();
    let (_, pem) = secure();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    fs::write(&file, pem).unwrap();
    let mut send = command(&["send", &format!("https://localhost:{}/callback", server.port()), "State.StateChange"]);
    send.env("SSL_CERT_FILE", &file);
    let err = finish(send).complained(3);
    assert!(err.ends_with(": it does not speak TLS; use http:// if it speaks plain HTTP\n"), "{err}");
}
