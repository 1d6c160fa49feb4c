"""Vector stores in fixtures: as `createVectorStore` would make them, of files that exist."""

from mockserver.api.vector_stores.stores import CreateVectorStore, create_vector_store
from mockserver.loading.objects.kind import Naming, ObjectKind

KIND = ObjectKind(
    name="vector_stores",
    naming=Naming("a vector store", "vs"),
    model=CreateVectorStore,
    create=lambda call, *_: create_vector_store(call),
    refers_to={"file_ids": "files"},
    remedies={"unsupported_file": ("file_ids", "name files of a kind that can be searched")},
)
