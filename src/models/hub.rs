//! The Hugging Face hub over HTTP: what a repository holds, and its files.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use ureq::config::RedirectAuthHeaders;
use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::fetch::FetchError;

const ENDPOINT: &str = "https://huggingface.co";

/// How long a connection may take, and an answer to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long one answer may take. What is missing of a file then is asked for again.
const LONGEST_ANSWER: Duration = Duration::from_secs(600);

/// The most bytes of a description of a repository.
const MAX_DESCRIPTION: u64 = 32 << 20;

/// The hub, or what `HF_ENDPOINT` names in its place.
pub(super) struct Hub {
    agent: Agent,
    endpoint: String,
    token: Option<String>,
}

/// What the hub says about a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Description {
    /// The commit, in hexadecimal.
    pub sha: String,
    #[serde(default)]
    pub tags: Vec<String>,
    pub siblings: Vec<RemoteFile>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RemoteFile {
    #[serde(rename = "rfilename")]
    pub name: String,
    pub size: Option<u64>,
    /// Git's digest of the file, in hexadecimal; of a large one that of its pointer.
    #[serde(rename = "blobId")]
    pub blob: Option<String>,
    /// Of files in large-file storage.
    pub lfs: Option<LargeFile>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LargeFile {
    pub sha256: String,
    pub size: u64,
}

/// A part of a file.
pub(super) struct Part {
    /// Position of the first byte in the file.
    pub start: u64,
    pub bytes: Box<dyn Read>,
}

impl Hub {
    /// `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY` and their like are honoured, and the certificates are
    /// those of the system.
    pub(super) fn from_environment() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Files lie on other hosts, which must not see the token.
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_recv_body(Some(LONGEST_ANSWER))
            .user_agent(concat!("precis/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        Self {
            agent: config.into(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: set("HF_TOKEN"),
        }
    }

    /// The page of a repository.
    pub(super) fn page(&self, repository: &str) -> String {
        format!("{}/{repository}", self.endpoint)
    }

    /// Asks what `repository` holds at `revision`, which is a branch, a tag or a commit.
    pub(super) fn describe(
        &self,
        repository: &str,
        revision: &str,
    ) -> Result<Description, FetchError> {
        let url = format!(
            "{}/api/models/{repository}/revision/{}?blobs=true",
            self.endpoint,
            encoded(revision)
        );
        let unexpected = |reason: String| FetchError::Unexpected {
            url: url.clone(),
            reason,
        };
        let response = self.get(&url, None)?;
        if response.status() != 200 {
            return Err(self.refusal(&response, repository, revision, &url));
        }
        let mut text = Vec::new();
        let mut body = response.into_body().into_reader().take(MAX_DESCRIPTION);
        body.read_to_end(&mut text)
            .map_err(|error| unexpected(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| unexpected(error.to_string()))
    }

    /// Begins to read `file` at byte `start`, or at its beginning if the hub does not go on from there.
    pub(super) fn open(
        &self,
        repository: &str,
        commit: &str,
        file: &str,
        start: u64,
    ) -> Result<Part, FetchError> {
        let url = format!(
            "{}/{repository}/resolve/{}/{}",
            self.endpoint,
            encoded(commit),
            encoded(file)
        );
        let response = self.get(&url, Some(start).filter(|&start| start > 0))?;
        let start = match response.status().as_u16() {
            200 => 0,
            206 if starts_at(&response, start) => start,
            _ => return Err(self.refusal(&response, repository, commit, &url)),
        };
        Ok(Part {
            start,
            bytes: Box::new(response.into_body().into_reader()),
        })
    }

    fn get(&self, url: &str, start: Option<u64>) -> Result<Response<Body>, FetchError> {
        let mut request = self.agent.get(url);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(start) = start {
            request = request.header("Range", format!("bytes={start}-"));
        }
        request.call().map_err(|error| FetchError::Unreachable {
            url: url.to_owned(),
            reason: error.to_string(),
        })
    }

    fn refusal(
        &self,
        response: &Response<Body>,
        repository: &str,
        revision: &str,
        url: &str,
    ) -> FetchError {
        let code = response.headers().get("x-error-code");
        let code = code.and_then(|code| code.to_str().ok()).unwrap_or_default();
        let repository = repository.to_owned();
        match response.status().as_u16() {
            404 if code == "RevisionNotFound" => FetchError::NoRevision {
                revision: revision.to_owned(),
                repository,
            },
            404 => FetchError::NoRepository {
                page: self.page(&repository),
                repository,
            },
            status @ (401 | 403) => FetchError::Refused {
                page: self.page(&repository),
                status,
                repository,
                remedy: match self.token {
                    None => "set HF_TOKEN to a token of an account that may read it",
                    Some(_) => {
                        "the account of HF_TOKEN may not read it, or has not accepted its terms"
                    }
                },
            },
            status => FetchError::Status {
                url: url.to_owned(),
                status,
            },
        }
    }
}

/// Whether the answer begins at byte `start` of its file.
fn starts_at(response: &Response<Body>, start: u64) -> bool {
    let range = response.headers().get("content-range");
    let range = range.and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {start}-")))
}

/// `text` as one segment of a path.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_revisions_are_one_segment() {
        assert_eq!(encoded("refs/pr/4"), "refs%2Fpr%2F4");
        assert_eq!(encoded("v1.0-é"), "v1.0-%C3%A9");
    }
}
