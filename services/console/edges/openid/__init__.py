"""Sign-in by a company's own provider of identities (OpenID Connect)."""
