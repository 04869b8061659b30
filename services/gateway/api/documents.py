"""The merged OpenAPI document and the page that shows it. The page needs nothing but the document: no CDN."""

import base64
import hashlib
import re
from importlib.resources import files

from litestar import Response, get
from litestar.enums import MediaType

from services.chassis.http.access import for_anyone
from services.gateway.api.desk import NamedDesk

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def _policy(page: str) -> str:
    """Allows the page's own script and style by their hashes, and the API it shows."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _INLINE.findall(page):
        hashes[kind].append(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'")
    return (
        f"default-src 'none'; script-src {' '.join(hashes['script'])}; style-src {' '.join(hashes['style'])}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@get("/api/v1/openapi.json", opt=for_anyone(), include_in_schema=False)
async def show_document(desk: NamedDesk) -> Response[bytes]:
    """What Souk offers, in one OpenAPI document."""
    document = await desk.documents.current()
    etag = f'"{hashlib.blake2b(document, digest_size=12).hexdigest()}"'
    return Response(document, media_type=MediaType.JSON, headers={"cache-control": "no-cache", "etag": etag})


@get("/api/v1/docs", opt=for_anyone(), include_in_schema=False, sync_to_thread=False)
def show_page() -> Response[str]:
    """The same, for people."""
    page = files("services.gateway.api").joinpath("docs.html").read_text(encoding="utf-8")
    headers = {"content-security-policy": _policy(page), "cache-control": "no-cache"}
    return Response(page, media_type=MediaType.HTML, headers=headers)


DOCUMENTS = (show_document, show_page)
