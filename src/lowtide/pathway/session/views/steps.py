"""What the clinic does when a rule speaks at the chair: the list, and writing the steps at one rule."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.session.actions import reminding
from lowtide.pathway.session.reminder_forms import StepsForm
from lowtide.pathway.session.rules.steps import written
from lowtide.pathway.session.rules.thresholds import watching
from lowtide.people.clinic import CLINIC, clinic_chart
from lowtide.people.forms import add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record.entries.base import Draft
from lowtide.record.entries.reminding import ActionsWritten


@needs(Permission.SEE_RULES)
@require_GET
def steps(request: Request) -> HttpResponse:
    """Every rule that is watched at the chair, with the steps that were written."""
    said = written(clinic_chart())
    names = names_of({entry.by for entry, _ in said.values()})
    rows = []
    for item, _ in watching(monitored_here()):
        entry, body = said.get(item.id, (None, None))
        rows.append(
            {
                "item": item,
                "steps": body.steps if body else (),
                "by": names[entry.by] if entry else "",
                "at": entry.at if entry else None,
            }
        )
    about = {
        "rows": rows,
        "count": sum(bool(row["steps"]) for row in rows),
        "may_write": request.person.can(Permission.MANAGE_POLICY),
    }
    return render(request, "session/steps.html", about)


@needs(Permission.MANAGE_POLICY)
def write_steps(request: Request, rule: str) -> HttpResponse:
    """Write the steps at one rule; whoever comes second sees what the first one wrote."""
    item = monitored_here().get(rule)
    if item is None:
        raise Http404("no such rule")
    last = written(clinic_chart()).get(rule)
    initial = {"steps": "\n".join(last[1].steps), "seen": str(last[0].id)} if last else {}
    form = StepsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _written(request, rule, form):
        messages.success(request, f"Written. The steps stand on every reminder of {rule}.")
        return redirect(f"{reverse('session:steps')}#{rule}")
    about = {"form": form, "item": item, "cancel": reverse("session:steps")}
    return render(request, "session/write_steps.html", about, status=422 if form.is_bound else 200)


def _written(request: Request, rule: str, form: StepsForm) -> bool:
    draft = Draft(
        id=form.cleaned_data["entry_id"],
        stream=CLINIC,
        body=ActionsWritten(rule=rule, steps=form.lines),
        by=request.person.by,
        at=timezone.now(),
    )
    try:
        reminding.write_steps(request.person, draft, form.cleaned_data["seen"])
    except BadInput as error:
        add_problems(form, error)
        return False
    return True
