"""Job A by other people's solvers, one core, one line of JSON for each that is installed.

Run by the interpreter that has the peers; imports nothing of Lowtide. Each is driven as its users drive it, at a
tolerance of 1e-8, restarted where the rate changes; compiling is not counted.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import numpy as np

TYPICAL = np.array([80.0, 20, 150, 40, 70, 160, 1.5, 60, 150, 40, 100, 7])
STARTS_H = (0.0, 72.0, 168.0, 240.0, 336.0, 408.0)
SAMPLES_H = np.concatenate([np.arange(1, 41) / 10, np.arange(6, 25, 2)])
TIMES_H = np.concatenate([start + SAMPLES_H for start in STARTS_H])
TOLERANCE, SIZE, MG_PER_H, OVER_H = 1e-8, 7, 52.5, 2 / 3
Solve = Callable[[np.ndarray], object]


def people(members: int) -> np.ndarray:
    z = np.random.default_rng(20260101).standard_normal((members, 12))
    return TYPICAL * np.exp(0.3 * z)


def segments() -> Iterator[tuple[float, float, np.ndarray]]:
    """From, rate mg/h, and the times to report up to the next change of the rate, which is the last of them."""
    changes = sorted([*STARTS_H, *(s + OVER_H for s in STARTS_H), TIMES_H[-1]])
    for begin, end in pairwise(changes):
        inside = TIMES_H[(begin + 1e-9 < TIMES_H) & (end - 1e-9 > TIMES_H)]
        yield begin, MG_PER_H if begin in STARTS_H else 0.0, np.append(inside, end)


def matrix(p: np.ndarray) -> np.ndarray:
    """Depot, centre, two neighbours, two metabolites, effect site."""
    cl, v1, q2, v2, q3, v3, ka, cln, vn, clh, vh, ke0 = p
    a = np.zeros((SIZE, SIZE))
    a[0, 0], a[1, 0] = -ka, ka
    a[1, 1], a[1, 2], a[1, 3] = -(cl + q2 + q3) / v1, q2 / v2, q3 / v3
    a[2, 1], a[2, 2], a[3, 1], a[3, 3] = q2 / v1, -q2 / v2, q3 / v1, -q3 / v3
    a[4, 1], a[4, 4] = 0.8 * cl / v1, -cln / vn
    a[5, 4], a[5, 5] = 0.5 * cln / vn, -clh / vh
    a[6, 1], a[6, 6] = ke0 / v1, -ke0
    return a


def scipy_ivp() -> Solve:
    from scipy.integrate import solve_ivp

    def solve(p: np.ndarray) -> object:
        a, x = matrix(p), np.zeros(SIZE)
        for begin, rate, times in segments():
            put = np.array([0, rate, 0, 0, 0, 0, 0])
            found = solve_ivp(
                lambda t, y, put=put: a @ y + put,
                (begin, times[-1]),
                x,
                "LSODA",
                times,
                rtol=TOLERANCE,
                atol=1e-10,
            )
            x = found.y[:, -1]
        return x

    return solve


def scipy_odeint() -> Solve:
    from scipy.integrate import odeint

    def solve(p: np.ndarray) -> object:
        a, x = matrix(p), np.zeros(SIZE)
        for begin, rate, times in segments():
            put = np.array([0, rate, 0, 0, 0, 0, 0])
            found = odeint(
                lambda y, t, put=put: a @ y + put, x, np.append(begin, times), rtol=TOLERANCE, atol=1e-10
            )
            x = found[-1]
        return x

    return solve


def numbalsoda() -> Solve:
    import numba
    from numbalsoda import lsoda, lsoda_sig

    @numba.cfunc(lsoda_sig)
    def rhs(t: Any, u_: Any, du_: Any, p_: Any) -> None:
        u, du, p = numba.carray(u_, (7,)), numba.carray(du_, (7,)), numba.carray(p_, (50,))
        for i in range(7):
            total = p[49] if i == 1 else 0.0
            for j in range(7):
                total += p[7 * i + j] * u[j]
            du[i] = total

    parts, pointer = [(b, r, np.append(b, t)) for b, r, t in segments()], rhs.address

    def solve(p: np.ndarray) -> object:
        data, x = np.append(matrix(p).ravel(), 0.0), np.zeros(SIZE)
        for _, rate, times in parts:
            data[49] = rate
            x = lsoda(pointer, x, times, data, rtol=TOLERANCE, atol=1e-10)[0][-1]
        return x

    return solve


MODEL = """model k7
  C = 0; P1 = 0; P2 = 0; N = 0; H = 0; E = 0; R = 0
  CL = 80; V1 = 20; Q2 = 150; V2 = 40; Q3 = 70; V3 = 160; CLN = 60; VN = 150; CLH = 40; VH = 100; KE0 = 7
  C' = R - (CL + Q2 + Q3)/V1*C + Q2/V2*P1 + Q3/V3*P2
  P1' = Q2/V1*C - Q2/V2*P1; P2' = Q3/V1*C - Q3/V3*P2
  N' = 0.8*CL/V1*C - CLN/VN*N; H' = 0.5*CLN/VN*N - CLH/VH*H; E' = KE0*(C/V1 - E)
end"""


def libroadrunner() -> Solve:
    import antimony
    import roadrunner

    antimony.loadAntimonyString(MODEL)
    model = roadrunner.RoadRunner(antimony.getSBMLString(antimony.getMainModuleName()))
    model.integrator.relative_tolerance, model.integrator.absolute_tolerance = TOLERANCE, 1e-10
    names = ("CL", "V1", "Q2", "V2", "Q3", "V3", None, "CLN", "VN", "CLH", "VH", "KE0")

    def solve(p: np.ndarray) -> object:
        model.reset()
        for name, value in zip(names, p, strict=True):
            if name:
                model[name] = value
        for begin, rate, times in segments():
            model["R"] = rate
            model.simulate(times=[begin, *times])
        return model["E"]

    return solve


def diffrax() -> Solve:
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    parts = [(b, r, jnp.asarray(t)) for b, r, t in segments()]
    rule = diffrax.PIDController(rtol=1e-6, atol=1e-9)
    term = diffrax.ODETerm(lambda t, y, a: a[0] @ y + a[1])

    def one(a: Any) -> Any:
        x = jnp.zeros(SIZE)
        for begin, rate, times in parts:
            put = jnp.zeros(SIZE).at[1].set(rate)
            found = diffrax.diffeqsolve(
                term,
                diffrax.Tsit5(),
                begin,
                times[-1],
                None,
                x,
                (a, put),
                saveat=diffrax.SaveAt(ts=times),
                stepsize_controller=rule,
                max_steps=100_000,
            )
            x = found.ys[-1]
        return x

    batch = jax.jit(jax.vmap(one))
    return lambda p: batch(np.stack([matrix(row) for row in np.atleast_2d(p)])).block_until_ready()


PEERS: dict[str, tuple[Callable[[], Solve], str, int, str]] = {
    "scipy solve_ivp LSODA": (scipy_ivp, "scipy", 3, "1e-8"),
    "scipy odeint": (scipy_odeint, "scipy", 10, "1e-8"),
    "numbalsoda": (numbalsoda, "numbalsoda", 200, "1e-8"),
    "libroadrunner": (libroadrunner, "libroadrunner", 50, "1e-8, times of change given"),
    "diffrax Tsit5": (diffrax, "diffrax", 50, "1e-6, a batch"),
}


def measured(name: str) -> dict[str, Any]:
    make, package, members, how = PEERS[name]
    try:
        solve = make()
    except ImportError as error:
        return {"peer": name, "skipped": f"not installed ({error.name})"}
    who = people(members)
    batches = [who] if package == "diffrax" else list(who)
    solve(batches[0])
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        for one in batches:
            solve(one)
        best = min(best, time.process_time() - start)
    return {"peer": name, "version": version(package), "tolerance": how, "patients_per_cpu_s": members / best}


if __name__ == "__main__":
    for wanted in sys.argv[1:] or PEERS:
        print(json.dumps(measured(wanted)), flush=True)
