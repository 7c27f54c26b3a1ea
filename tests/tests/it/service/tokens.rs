//! Access tokens, from the service and from other issuers; and HTTPS.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use ureq::http::Method;
use vidc_tests::http_server::HttpServer;
use vidc_tests::run;
use vidc_tests::server::{ApiResponse, Client, Site, backends, text};

use super::short;
use crate::VIDC;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn ask(client: &Client, form: &str, headers: &[(&str, &str)]) -> ApiResponse {
    let stranger = Client {
        key: String::new(),
        ..client.clone()
    };
    let headers = [&[FORM], headers].concat();
    stranger.send(Method::POST, "/oauth/token", &headers, form.as_bytes())
}

fn with(client: &Client, token: &str) -> Client {
    Client {
        key: token.to_owned(),
        ..client.clone()
    }
}

#[test]
fn a_key_is_worth_a_token() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(0);
        let client = &server.client;
        let key = client
            .post("/v1/keys", &json!({ "name": "program" }))
            .expect(201)
            .json();
        let (id, secret) = (text(&key["id"]), text(&key["key"]));
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let given = ask(client, &form, &[]).expect(200);
        assert_eq!(given.header("cache-control"), Some("no-store"));
        let given = given.json();
        assert_eq!(
            (&given["token_type"], &given["expires_in"]),
            (&json!("Bearer"), &json!(900))
        );
        assert_eq!(given["scope"], "read write");
        let holder = with(client, &text(&given["access_token"]));
        let task = holder.submit(&short(0));
        holder.get(&format!("/v1/tasks/{task}")).expect(200);
        holder.get("/v1/keys").expect(403);

        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let narrow = ask(
            client,
            "grant_type=client_credentials&scope=read",
            &[("authorization", &basic)],
        );
        let reader = with(client, &text(&narrow.expect(200).json()["access_token"]));
        reader.get(&format!("/v1/tasks/{task}")).expect(200);
        reader
            .post("/v1/tasks", &json!({ "recipe": short(1) }))
            .expect(403);

        for (form, status, code) in [
            (format!("{form}&scope=admin"), 400, "invalid_scope"),
            (
                form.replace("client_credentials", "password"),
                400,
                "unsupported_grant_type",
            ),
            (
                form.replace("client_secret=vidc_", "client_secret=vidc_0"),
                401,
                "invalid_client",
            ),
            ("grant_type=client_credentials".to_owned(), 401, "invalid_client"),
            ("nonsense".to_owned(), 400, "invalid_request"),
        ] {
            let answer = ask(client, &form, &[]).expect(status);
            assert_eq!(answer.json()["error"], code);
            assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        }

        // Whoever changes a token, or signs one by nothing, is nobody.
        let token = text(&given["access_token"]);
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (_, body) = head.split_once('.').unwrap();
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let richer = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
        let richer = URL_SAFE_NO_PAD.encode(richer.replace("read write", "read write keys"));
        for forged in [
            format!("{unsigned}.{body}."),
            format!("{}.{richer}.{signature}", head.split_once('.').unwrap().0),
            head.to_owned(),
            String::new(),
        ] {
            let answer = with(client, &forged).get("/v1/tasks").expect(401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }

        client.delete(&format!("/v1/keys/{id}")).expect(204);
        holder.get("/v1/tasks").expect(401);
        ask(client, &form, &[]).expect(401);
    }
}

/// Makes a claim another.
type Change<'a> = dyn Fn(&mut Value) + 'a;

/// An issuer with an Ed25519 key, made by OpenSSL.
struct Issuer {
    pem: Vec<u8>,
    web: HttpServer,
}

impl Issuer {
    fn new() -> Issuer {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (private, public) = (path("private.pem"), path("public.der"));
        run(Command::new("openssl").args(["genpkey", "-algorithm", "ed25519", "-out", &private])).expect(0);
        run(Command::new("openssl").args([
            "pkey", "-in", &private, "-pubout", "-outform", "DER", "-out", &public,
        ]))
        .expect(0);
        let der = std::fs::read(public).unwrap();
        let x = URL_SAFE_NO_PAD.encode(&der[der.len() - 32..]);
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "1", "x": x });
        let keys = json!({ "keys": [key] }).to_string();
        let head = "content-type: application/json\r\n".to_owned();
        Issuer {
            pem: std::fs::read(private).unwrap(),
            web: HttpServer::new(Box::new(move |_| {
                ("200 OK", head.clone(), keys.clone().into_bytes())
            })),
        }
    }

    fn token(&self, kid: &str, claims: &Value) -> String {
        let header = Header {
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(&header, claims, &EncodingKey::from_ed_pem(&self.pem).unwrap()).unwrap()
    }
}

#[test]
fn other_issuers_are_believed_as_far_as_they_are_known() {
    for backend in backends() {
        let issuer = Issuer::new();
        let settings = format!(
            "issuers: [{{issuer: \"https://id.example\", audience: videos, jwks: \"{}/jwks\", tenant_claim: org}}]",
            issuer.web.address
        );
        let site = Site::new(VIDC, backend, &settings);
        let server = site.serve(0);
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let claims = |change: &dyn Fn(&mut Value)| {
            let mut claims = json!({
                "iss": "https://id.example", "aud": "videos", "sub": "u1", "org": "acme",
                "exp": now + 300, "scope": "openid read write keys",
            });
            change(&mut claims);
            claims
        };
        let holder = with(&server.client, &issuer.token("1", &claims(&|_| {})));
        let task = holder.submit(&short(0));
        holder.get(&format!("/v1/tasks/{task}")).expect(200);
        holder.get("/v1/webhook-secret").expect(200);
        server.client.get(&format!("/v1/tasks/{task}")).expect(404);
        let reader = with(
            &server.client,
            &issuer.token("1", &claims(&|c| c["scope"] = json!(["read"]))),
        );
        reader
            .post("/v1/tasks", &json!({ "recipe": short(1) }))
            .expect(403);

        let refused: [(&str, &Change<'_>); 6] = [
            ("1", &|c| c["aud"] = json!("others")),
            ("1", &|c| c["exp"] = json!(now - 300)),
            ("1", &|c| drop(c.as_object_mut().unwrap().remove("exp"))),
            ("1", &|c| c["iss"] = json!("https://elsewhere.example")),
            ("1", &|c| c["org"] = json!("../local")),
            ("2", &|_| {}),
        ];
        for (kid, change) in refused {
            let token = issuer.token(kid, &claims(change));
            with(&server.client, &token).get("/v1/tasks").expect(401);
        }
        let forger = Issuer::new();
        with(&server.client, &forger.token("1", &claims(&|_| {})))
            .get("/v1/tasks")
            .expect(401);
        // The public key is no secret, and must not serve as one.
        let header = Header {
            kid: Some("1".to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        let public = EncodingKey::from_secret(b"whatever");
        let confused = encode(&header, &claims(&|_| {}), &public).unwrap();
        with(&server.client, &confused).get("/v1/tasks").expect(401);
        assert_eq!(issuer.web.requests().len(), 1, "its keys are asked for once");
    }
}

#[test]
fn https() {
    let site = Site::new(
        VIDC,
        vidc_tests::server::Backend::Embedded,
        "tls: {certificate: c.pem, key: k.pem}",
    );
    run(Command::new("openssl").current_dir(site.folder()).args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]))
    .expect(0);
    let server = site.serve(1);
    assert!(
        server.client.address.starts_with("https://127.0.0.1:"),
        "{}",
        server.client.address
    );
    std::fs::write(site.folder().join("r.vidc"), short(0)).unwrap();
    let submit = || {
        let mut command = vidc_tests::vidc(VIDC, site.folder());
        command
            .args(["submit", "r.vidc", "--wait", "-o", "."])
            .env("VIDC_SERVER", &server.client.address)
            .env("VIDC_KEY", &server.client.key);
        command
    };
    let stranger = run(&mut submit());
    assert_eq!(stranger.code, Some(3), "{}", stranger.stderr);
    run(submit().env("SSL_CERT_FILE", site.folder().join("c.pem"))).expect(0);
    assert!(site.folder().join("short.mp4").exists());
    assert_eq!(server.process.end("TERM"), Some(0));
}
