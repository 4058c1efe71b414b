"""The members' kinetic parameters: a published model, a person and draws in; parameters of one enantiomer out.

Canonical units: L, L/h, h, 1/h; every array (members,).
"""

import numpy as np

from lowtide.data.pharmacology import Ensemble, Model, Parameter
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import LIMIT_OF_EXTRACTION
from lowtide.science.pharmacology.structure import SITES, Array, Parameters

CHAIN = (
    "f_nk",
    "mtt_nk",
    "v1_nk",
    "v2_nk",
    "cl_nk",
    "q_nk",
    "f_hnk",
    "mtt_hnk",
    "v1_hnk",
    "v2_hnk",
    "cl_hnk",
    "q_hnk",
)
POUNDED = ("cl", "cl_nk", "cl_hnk", "q2", "q3", "q_nk", "q_hnk", "qh")


def parameters(
    model: Model,
    core: Model,
    enantiomer: str,
    person: Person,
    draws: Draws,
    ensemble: Ensemble,
    sites: dict[str, Parameter],
) -> Parameters:
    """Everything the structure asks for. What the model lacks of the metabolites comes from the core's chain."""
    p = _drawn(model, person, draws, ensemble)
    chain = _drawn(core, person, draws, ensemble)
    own = "f_nk" in p
    p |= {name: chain[name] for name in CHAIN if name not in p and not (own and name in ("mtt_nk",))}
    _person(p, model, person, draws, ensemble)
    _interactions(p, person)
    if enantiomer == "r":
        _as_r(p, draws, ensemble)
    constants = ensemble.constants
    masses = [constants[f"mw_{name}"].value for name in ("ketamine", "norketamine", "hydroxynorketamine")]
    p["nk_mass"] = np.full(draws.members, masses[1] / masses[0])
    p["hnk_mass"] = np.full(draws.members, masses[2] / masses[1])
    for site in SITES:
        p[f"ke0_{site}"] = np.log(2) / (draws.value(f"ke0 {site}", sites[f"ke0_{site}"]) / 60)
    _venous(p, draws, ensemble, linked=model.structure == "core")
    return p


def _drawn(model: Model, person: Person, draws: Draws, ensemble: Ensemble) -> Parameters:
    found: Parameters = {}
    for name, parameter in model.parameters.items():
        spread = float(np.hypot(parameter.patient_log_sd or parameter.between, parameter.nu2**0.5))
        z = draws.normal(parameter.shared or name)
        if parameter.covariance:
            z = _correlated(z, name, parameter, model, draws)
        if parameter.shared:
            spread = model.parameters[parameter.shared].between
        size = _size(name, parameter, model, person)
        found[name] = parameter.canonical * size * np.exp(spread * z)
    return found


def _correlated(z: Array, name: str, parameter: Parameter, model: Model, draws: Draws) -> Array:
    """The effect of this name where it moves with another, as published."""
    other, covariance = next(iter(parameter.covariance.items()))
    r = covariance / (parameter.between * model.parameters[other].between)
    return np.asarray(r * draws.normal(other) + (1 - r * r) ** 0.5 * z)


def _size(name: str, parameter: Parameter, model: Model, person: Person) -> float:
    scaling = model.weight
    ratio = person.weight_kg / scaling.reference_kg
    if parameter.weight_exponent is not None:
        return float(ratio**parameter.weight_exponent)
    if name.startswith("v"):
        return float(ratio**scaling.volume_exponent)
    return float(ratio**scaling.flow_exponent) if name in POUNDED else 1.0


def _person(p: Parameters, model: Model, person: Person, draws: Draws, ensemble: Ensemble) -> None:
    """Weight above the observed, sex, age, ancestry; changes `p`."""
    shared = ensemble.shared
    liver = "vh" in p
    heavy = person.weight_kg / shared["heavy_kg"].value
    if heavy > 1 and not liver:
        drawn = shared["heavy_exponent"].value + shared["heavy_exponent"].sd * draws.normal("heavy exponent")
        p["cl"] = p["cl"] * heavy ** (drawn - model.weight.flow_exponent)
    women = draws.value("women clearance", shared["women_clearance"]) ** 0.5
    if not liver and person.sex in ("F", "M"):
        p["cl"] = p["cl"] * (women if person.sex == "F" else 1 / women)
    _age(p, person, ensemble)
    if person.ancestry and liver:
        ancestry = ensemble.ancestry[person.ancestry]
        p["kel"], p["cl_nk"] = p["kel"] * ancestry.kel, p["cl_nk"] * ancestry.cl_nk


def _age(p: Parameters, person: Person, ensemble: Ensemble) -> None:
    """Over 60 less blood reaches the liver; where a model has no liver its clearance falls as a well-stirred one's."""
    shared, flow = ensemble.shared, ensemble.constants["hepatic_flow"].value
    years = max((person.age or 0.0) - shared["hepatic_age"].value, 0.0)
    left = 1 - shared["hepatic_slope"].value * years / flow
    if "vh" in p:
        p["qh"] = p["qh"] * left
        return
    size = (person.weight_kg / 70) ** 0.75
    p["qh_blood"] = np.full_like(p["cl"], flow * size)
    intrinsic = _intrinsic(p)
    p["qh_blood"] = p["qh_blood"] * left
    p["cl"] = _cleared(p["qh_blood"], intrinsic)


def _intrinsic(p: Parameters) -> Array:
    """Intrinsic clearance of a well-stirred liver that clears `cl`, L/h."""
    flow = p["qh_blood"]
    cl = np.minimum(p["cl"], LIMIT_OF_EXTRACTION * flow)
    return np.asarray(flow * cl / (flow - cl))


def _cleared(flow: Array, intrinsic: Array) -> Array:
    return np.asarray(flow * intrinsic / (flow + intrinsic))


def _interactions(p: Parameters, person: Person) -> None:
    p["survival_ratio"] = np.ones_like(p["v1"])
    if person.intrinsic_ratio == 1.0:
        return
    if "vh" in p:
        p["kel"], p["kmet"] = p["kel"] * person.intrinsic_ratio, p["kmet"] * person.intrinsic_ratio
        return
    flow, before = p["qh_blood"], _intrinsic(p)
    after = before * person.intrinsic_ratio
    p["survival_ratio"] = (flow + before) / (flow + after)
    p["cl"] = p["cl"] * _cleared(flow, after) / _cleared(flow, before)


def _as_r(p: Parameters, draws: Draws, ensemble: Ensemble) -> None:
    """R-ketamine: the same volumes and flows, its own clearance; more of its hydroxynorketamine is seen."""
    ratio = draws.value("r clearance", ensemble.shared["r_clearance"])
    if "vh" in p:
        intrinsic = p["vh"] * (p["kel"] + p["kmet"])
        wanted = np.minimum(ratio * _cleared(p["qh"], intrinsic), LIMIT_OF_EXTRACTION * p["qh"])
        factor = p["qh"] * wanted / (p["qh"] - wanted) / intrinsic
        p["kel"], p["kmet"] = p["kel"] * factor, p["kmet"] * factor
    else:
        p["cl"] = p["cl"] * ratio
    p["cl_hnk"] = p["cl_hnk"] / draws.value("r hnk", ensemble.shared["r_hydroxynorketamine"])


def _venous(p: Parameters, draws: Draws, ensemble: Ensemble, *, linked: bool) -> None:
    """The venous link of the core, and what the core's metabolites are off by in venous blood."""
    shared = ensemble.shared
    rate, share = shared["venous_rate"], shared["venous_share"]
    p["venous_rate"] = draws.value("venous rate", rate)
    odds = share.value / (1 - share.value) * np.exp(share.log_sd * draws.normal("venous share"))
    p["venous_share"] = odds / (1 + odds)
    for name in ("norketamine", "hydroxynorketamine") if linked else ("hydroxynorketamine",):
        p[f"times venous {name}"] = draws.value(f"venous {name}", shared[f"venous_{name}"])
