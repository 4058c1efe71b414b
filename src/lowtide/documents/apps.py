"""Documents as a Django application."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "lowtide.documents"

    def ready(self) -> None:
        from lowtide.documents import checklist, projections, waiting
        from lowtide.pathway.course import notices
        from lowtide.pathway.session import papers

        projections.register_all()
        papers.register(checklist.papers)
        notices.register("documents", waiting.notice)
