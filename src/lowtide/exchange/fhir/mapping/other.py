"""What comes in with a history and has no kind of entry of its own yet: kept as it is, and listed (pure)."""

from lowtide.exchange.fhir.mapping.parts import Context, Json, Reading, kept, words


def procedure(resource: Json, context: Context) -> Reading:
    return kept(f"a procedure ({resource['status']}): {words(resource.get('code')) or 'not named'}")


def encounter(resource: Json, context: Context) -> Reading:
    kinds = [words(t) for t in resource.get("type", ())]
    return kept(f"a visit elsewhere: {', '.join(k for k in kinds if k) or 'of no stated kind'}")


def anything(resource: Json, context: Context) -> Reading:
    return kept(f"Lowtide has no entry of its own for a {resource['resourceType']}")
