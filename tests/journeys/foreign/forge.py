"""Makes of good tokens what an attacker would make of them: every case, and whether a verifier may accept it."""

import base64
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def part(members: dict) -> str:
    return encode(json.dumps(members, separators=(",", ":")).encode())


def public_key(jwk: dict) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(decode(jwk[name])) for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def forged(asked: dict):
    """Tokens that nobody may accept: their names and what they are."""
    head, payload, signature = asked["access"].split(".")
    header, claims = json.loads(decode(head)), json.loads(decode(payload))
    for alg in ("none", "None", "NONE", "nOnE"):
        changed = part({**header, "alg": alg})
        yield f"alg {alg} without a signature", f"{changed}.{payload}."
        yield f"alg {alg} with a signature", f"{changed}.{payload}.{signature}"
    jwk = next(key for key in asked["keys"] if key["kid"] == header["kid"])
    public = public_key(jwk)
    secrets = {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "point": public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        "JWK": json.dumps(jwk).encode(),
        "x": jwk["x"].encode(),
    }
    message = f"{part({**header, 'alg': 'HS256'})}.{payload}"
    for form, secret in secrets.items():
        mac = hmac.new(secret, message.encode(), hashlib.sha256).digest()
        yield f"HS256 by the public key as {form}", f"{message}.{encode(mac)}"
    yield "a raised role", f"{head}.{part({**claims, 'roles': ['user', 'admin']})}.{signature}"
    yield "a later expiry", f"{head}.{part({**claims, 'exp': claims['exp'] + 3600})}.{signature}"
    yield "a kid that there is not", f"{part({**header, 'kid': 'another'})}.{payload}.{signature}"
    yield "our kid by another key", own(header, claims)
    yield "a signature cut short", f"{head}.{payload}.{signature[:-4]}"
    yield "the signature of another token", f"{head}.{payload}.{asked['service'].rsplit('.')[-1]}"
    yield "no signature", f"{head}.{payload}"


def own(header: dict, claims: dict) -> str:
    """Signed well, by a key that is not published."""
    import jwt

    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims, key, algorithm="ES256", headers=header)


def main() -> None:
    asked = json.load(sys.stdin)
    cases = [
        ("an access token", asked["access"], "fleet", True),
        ("a service token", asked["service"], "users", True),
        ("an access token that has expired", asked["expired"], "fleet", False),
        ("an access token for another audience", asked["access"], "users", False),
        ("a service token for another audience", asked["service"], "fleet", False),
    ]
    cases += [(name, token, "fleet", False) for name, token in forged(asked)]
    members = ("name", "token", "audience", "good")
    json.dump([dict(zip(members, case, strict=True)) for case in cases], sys.stdout)


main()
