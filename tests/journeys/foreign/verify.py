"""What PyJWT and python-jose say of tokens, each with the published keys and as its documentation shows."""

import json
import sys
import urllib.request

import jwt
from jose import jwt as python_jose


def main() -> None:
    asked = json.load(sys.stdin)
    client = jwt.PyJWKClient(asked["jwks"])
    with urllib.request.urlopen(asked["jwks"], timeout=10) as answer:
        keys = json.load(answer)

    def by_pyjwt(token: str, audience: str) -> dict:
        key = client.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=["ES256"], audience=audience, issuer=asked["issuer"])

    def by_python_jose(token: str, audience: str) -> dict:
        return python_jose.decode(token, keys, algorithms=["ES256"], audience=audience, issuer=asked["issuer"])

    def verdict(verify, case: dict) -> str:
        try:
            verify(case["token"], case["audience"])
        except Exception as refusal:
            return f"refused: {type(refusal).__name__}: {refusal}"
        return "accepted"

    libraries = {"PyJWT": by_pyjwt, "python-jose": by_python_jose}
    told = {
        name: {case["name"]: verdict(verify, case) for case in asked["cases"]} for name, verify in libraries.items()
    }
    json.dump(told, sys.stdout)


main()
