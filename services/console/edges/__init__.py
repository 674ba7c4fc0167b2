"""HTTP, SMTP, argon2, the signing key and the OpenID provider."""
