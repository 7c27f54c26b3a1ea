//! HTTPS by a certificate in files, which are read again when they change: certificates are renewed every few weeks.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use axum_server::tls_rustls::RustlsConfig;
use vidc_engine::Error;

/// How often it is looked whether the certificate was renewed.
const LOOK: Duration = Duration::from_secs(30);

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// The chain, the server's own first.
    pub(crate) chain: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// What rustls is to use, now and after each change of the files.
    pub(super) async fn watched(self) -> Result<RustlsConfig, Error> {
        vidc_service::egress::install_crypto_provider();
        let config = RustlsConfig::from_pem_file(&self.chain, &self.key).await;
        let config = config.map_err(|source| Error::Io {
            action: "use the certificate",
            path: self.chain.clone(),
            source,
        })?;
        let watched = config.clone();
        tokio::spawn(async move {
            let mut known = self.written();
            loop {
                tokio::time::sleep(LOOK).await;
                let written = self.written();
                if written == known {
                    continue;
                }
                match watched.reload_from_pem_file(&self.chain, &self.key).await {
                    Ok(()) => tracing::info!("the certificate was renewed"),
                    Err(error) => {
                        tracing::warn!(%error, "the new certificate cannot be used; the old one is kept")
                    }
                }
                known = written;
            }
        });
        Ok(config)
    }

    fn written(&self) -> [Option<SystemTime>; 2] {
        [&self.chain, &self.key].map(|path| std::fs::metadata(path).and_then(|about| about.modified()).ok())
    }
}
