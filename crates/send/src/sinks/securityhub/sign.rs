//! Signature Version 4, by the crate that AWS' own SDK signs with.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use crate::secret::Secret;

/// The media type of our requests, which is signed too.
pub(super) const MEDIA_TYPE: &str = "application/json";

/// Signs requests to Security Hub in one region.
pub(super) struct Signer {
    credentials: Credentials,
    region: String,
    service: &'static str,
}

impl Signer {
    pub(super) fn new(id: &Secret, key: &Secret, token: Option<&Secret>, region: &str) -> Signer {
        let token = token.map(|token| token.reveal().to_owned());
        let credentials = Credentials::new(id.reveal(), key.reveal(), token, None, "seaworthy");
        Signer { credentials, region: region.to_owned(), service: "securityhub" }
    }

    /// The headers that a POST of this body needs beside its media type.
    ///
    /// # Errors
    /// A sentence: the URL is none that can be signed.
    pub(super) fn headers(&self, url: &str, body: &[u8], time: SystemTime) -> Result<Vec<(String, String)>, String> {
        self.signed(url, &[("content-type", MEDIA_TYPE)], body, time)
    }

    fn signed(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        time: SystemTime,
    ) -> Result<Vec<(String, String)>, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("the request could not be signed: {error}");
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(time)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| wrong(&error))?;
        let request = SignableRequest::new("POST", url, headers.iter().copied(), SignableBody::Bytes(body))
            .map_err(|error| wrong(&error))?;
        let (instructions, _) = sign(request, &params.into()).map_err(|error| wrong(&error))?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS' test suite for Signature Version 4: `post-vanilla`, `post-sts-header-before` and `post-x-www-form-urlencoded`.
    #[test]
    fn signatures_are_those_of_the_published_suite() {
        let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8\
                     YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q\
                     6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJab\
                     IQwj2ICCR/oLxBA==";
        let form = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-length", "13"),
            ("x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"),
        ];
        let date: jiff::Timestamp = "2015-08-30T12:36:00Z".parse().unwrap();
        for (token, headers, body, names, signature) in [
            (None, &[][..], "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                Some(Secret::new(token)),
                &[],
                "",
                "host;x-amz-date;x-amz-security-token",
                "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            ),
            (
                None,
                &form,
                "Param1=value1",
                "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
                "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            ),
        ] {
            let mut signer = Signer::new(
                &Secret::new("AKIDEXAMPLE"),
                &Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                token.as_ref(),
                "us-east-1",
            );
            signer.service = "service";
            let headers =
                signer.signed("https://example.amazonaws.com/", headers, body.as_bytes(), date.into()).unwrap();
            let of = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
            let wanted = format!("{scope}, SignedHeaders={names}, Signature={signature}");
            assert_eq!(of("authorization"), Some(wanted.as_str()));
            assert_eq!(of("x-amz-date"), Some("20150830T123600Z"));
            assert_eq!(of("x-amz-security-token"), token.as_ref().map(Secret::reveal));
        }
    }
}
