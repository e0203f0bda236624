/// An independent judge of access tokens: PyJWT and cryptography, and nothing of ours.
///
/// - `verify JWKS TOKEN ISSUER AUDIENCE` prints the claims as JSON, or ends with 1 and the reason.
/// - `sign KEY_FILE HEADER CLAIMS` prints a token that the key file signs; header and claims are JSON.
let judgeScript = #"""
    import json
    import sys

    import jwt
    from cryptography.hazmat.primitives.serialization import load_pem_private_key


    def verify(jwks, token, issuer, audience):
        header = jwt.get_unverified_header(token)
        keys = {key.key_id: key for key in jwt.PyJWKSet.from_json(jwks).keys}
        if header.get("typ") != "at+jwt" or header["kid"] not in keys:
            sys.exit("the header is not that of an access token of these keys")
        try:
            claims = jwt.decode(
                token,
                keys[header["kid"]].key,
                algorithms=["EdDSA"],
                issuer=issuer,
                audience=audience,
                options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )
        except jwt.PyJWTError as error:
            sys.exit(type(error).__name__)
        print(json.dumps(claims))


    def sign(key_file, header, claims):
        with open(key_file, "rb") as file:
            key = load_pem_private_key(file.read(), password=None)
        print(jwt.encode(json.loads(claims), key, algorithm="EdDSA", headers=json.loads(header)))


    if __name__ == "__main__":
        {"verify": verify, "sign": sign}[sys.argv[1]](*sys.argv[2:])
    """#
