import pytest


@pytest.mark.parametrize("role", ["prescriber", "front_desk", "administrator"])
def test_pages(sign_in, new_patient, role):
    p = new_patient()
    c = sign_in(role)
    for u in [
        "/",
        "/patients/",
        "/patients/?q=ada",
        "/patients/new",
        f"/patients/{p}/who",
        f"/patients/{p}/who/correct",
        f"/patients/{p}/same-person",
        f"/patients/{p}/record",
        f"/patients/{p}/notes/new",
        "/clinic/",
        "/clinic/change",
        "/clinic/staff/new",
        "/access/",
        "/access/export",
        "/accounts/login/",
        "/accounts/2fa/",
        "/accounts/password/change/",
    ]:
        r = c.get(u)
        print(role, u, r.status_code)
