"""Holds public keys as DKIM publishes them (the private halves were thrown away)."""

RSA_2048 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvh/3tKqwRALvnv6wjtHEgU9f82+YF33+1tZscn5ErKwGv1Jz0xdK7tDn"
    "2x3ifbZ+Y6F52ceL0XsjFHoRBjyt8iAeLgtv5UQvc1htEm2CHrLe8YBkyjkz5ESfzpL45QiD3ZmVTurhfIHV0EWSjgE/vff0UUdD"
    "5Cw+iHA+MvBfhLqxgZggE96w0xI+bFAW6obIT80uI8ZbnfjH6eEqfIugm3rWYu9aN0sAOD2rEEtiwCb7u889svQzJsE9EN02pTYb"
    "clOK1q4BGrUrdMb2Sb1+wheyLoOLZVmCeTuMzE3BFpV8UP1Ew6m1b4g+qU/8hhI3juPL/B7eNhvyf1DI6wDbkQIDAQAB"
)
RSA_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC+/6C0Tns/UdQvxxCEUqP03fZsIp3qZVG+OimI1d+XvuYfME2kdb4s1uTyRd22"
    "KW+9lCr/bG1qA4ykmEm/R3ynYMNS/H6nMWjNjykKBfsHJ/9hz2Im1TKYiwkt4Le+oyVOsR90XxhTVIqPdw4NQgtQflrUHwsMx5F7"
    "8o9yiCsUoQIDAQAB"
)
RSA_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAPi9Lo4nS7pRyq8fgD3C4awOlCitG9Jt/jYuxopx8A8DrY1JiVP1yF2ihJVj+oIofWi6"
    "qBrFtXzz1xbvNWGPUe0CAwEAAQ=="
)
ED25519 = "2MrHjsdi+OH6rW0KD5Ng01cr5JeCd0DMpKIv9r9OqNk="
