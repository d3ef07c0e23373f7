"""Documents of editors (PDF) without what they tell of who made them: authors, dates, programs, earlier versions.

Everything that the pages need is written anew into another file; what describes the file is not. The text of the pages
and the outlines of pictures stay as they are. Done in the cage, for a document is as foreign as a picture.
"""

import io

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from workers import containers
from workers.cage import caged
from workers.containers import UnreadableImage
from workers.render import WALL_SECONDS, limits

#: Of any part of a document: what describes it, and is needed for nothing that can be seen.
DESCRIBES = ("/Metadata", "/PieceInfo", "/LastModified", "/AF")
#: Of a remark on a page: whose it is and of when. A field of a form keeps its name.
SIGNED = ("/T", "/M", "/CreationDate", "/NM", "/Subj")
#: What makes a document act by itself.
ACTS = ("/OpenAction", "/AA")


def clean_in_child(data: bytes) -> bytes:
    """Do `clean` in a process of its own. UnreadableImage for anything the document did; never hangs."""
    made = caged("workers._paper", limits(), data, WALL_SECONDS)
    if not made.startswith(b"%PDF-"):
        raise UnreadableImage("damaged")
    return made


def prepare() -> None:
    """Load all that is loaded when it is first needed: behind the shut door no file is opened."""
    blank = PdfWriter()
    blank.add_blank_page(72, 72)
    made = io.BytesIO()
    blank.write(made)
    clean(made.getvalue())


def clean(data: bytes) -> bytes:
    """The same pages in a file that says nothing of its author; UnreadableImage for what is no such document."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise UnreadableImage("type")
        writer = PdfWriter(clone_from=reader)
        if not len(writer.pages):
            raise UnreadableImage("damaged")
        writer.metadata = None
        writer._ID = None  # the name of this very file, which leads to its other copies
        for part in writer._objects:
            _forget(part)
        writer.compress_identical_objects(remove_duplicates=False)  # and without what nothing names any more
        made = io.BytesIO()
        writer.write(made)
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise UnreadableImage("damaged") from error
    return made.getvalue()


def _forget(part: object) -> None:
    if not isinstance(part, DictionaryObject):
        return
    for name in (*DESCRIBES, *ACTS):
        part.pop(NameObject(name), None)
    if part.get("/Type") == "/Annot" and part.get("/Subtype") not in ("/Widget", "/Link"):
        for name in SIGNED:
            part.pop(NameObject(name), None)
    if isinstance(part, StreamObject) and _is_photo(part):
        part._data = containers.unpack(part._data, 1).data


def _is_photo(part: StreamObject) -> bool:
    """Whether a stream is a JPEG as a camera wrote it, with all that it says."""
    kind = part.get("/Filter")
    return (kind[0] if isinstance(kind, ArrayObject) and len(kind) == 1 else kind) == "/DCTDecode"
