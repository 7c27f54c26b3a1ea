//! The TLS certificate, which is reloaded when its files change.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use axum_server::tls_rustls::RustlsConfig;
use vidc_engine::Error;

/// Interval at which the files are checked for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// A certificate and its private key, as PEM files.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// The certificate chain, starting with the server's own certificate.
    pub(crate) chain: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Loads the files, and reloads them in the background after each change.
    pub(super) async fn load_and_watch(self) -> Result<RustlsConfig, Error> {
        vidc_service::egress::install_crypto_provider();
        let config = RustlsConfig::from_pem_file(&self.chain, &self.key).await;
        let config = config.map_err(Error::io("use the certificate", &self.chain))?;
        let reloaded = config.clone();
        tokio::spawn(async move {
            let mut known = self.modification_times();
            loop {
                tokio::time::sleep(POLL_INTERVAL).await;
                let current = self.modification_times();
                if current == known {
                    continue;
                }
                match reloaded.reload_from_pem_file(&self.chain, &self.key).await {
                    Ok(()) => tracing::info!("TLS certificate reloaded"),
                    Err(error) => {
                        tracing::warn!(%error, "cannot load the new TLS certificate; the old one stays in use");
                    }
                }
                known = current;
            }
        });
        Ok(config)
    }

    fn modification_times(&self) -> [Option<SystemTime>; 2] {
        [&self.chain, &self.key].map(|path| {
            std::fs::metadata(path)
                .and_then(|metadata| metadata.modified())
                .ok()
        })
    }
}
