"""Console: who you are. Accounts, sessions, second factors, API keys and the tokens they give.

Consumes no topic; decides who may sign in and what they may be; owns accounts, sessions, links, keys
and the mails to their people, as effects; emits nothing; serves `/v1/login /v1/me /v1/accounts /v1/keys
/v1/tokens` over HTTPS only.
"""
