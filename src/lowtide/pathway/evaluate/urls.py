"""Addresses of the evaluate step: the history, the evaluation, results to review, the rules."""

from django.urls import include, path

from lowtide.pathway.evaluate.asking import views as asking

app_name = "evaluate"

of_one_patient = [
    path("history", asking.history, name="intake"),
    path("history/<slug:section>", asking.save, name="save_section"),
    path("history/<slug:which>/add", asking.add, name="add_line"),
    path("history/<slug:which>/whole", asking.whole, name="whole_list"),
]

urlpatterns = [path("patients/<uuid:patient>/", include(of_one_patient))]
