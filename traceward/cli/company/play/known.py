"""What the player knows by name while it plays: ids of what was set up, and who does what."""

from dataclasses import dataclass, field

from traceward.kernel.command.actor import Actor
from traceward.kernel.org.roles import RoleName


@dataclass
class Known:
    """Ids by the code of what they are; plain, so that another process can be told."""

    #: Site -> its legal entity, so that people of the entity are found.
    entity_of: dict[str, str] = field(default_factory=dict)
    parties: dict[str, int] = field(default_factory=dict)
    entities: dict[str, int] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    #: By role and scope, everybody who has the role there.
    people: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)

    def by(self, role: RoleName, scope: str = "group", nth: int = 0) -> Actor:
        """Somebody with the role at the site, else in its entity, else in the group."""
        for where in (scope, self.entity_of.get(scope, scope), "group"):
            found = self.people.get((role.code, where))
            if found:
                return found[nth % len(found)].asking()
        raise AssertionError(f"nobody is {role.code} at {scope}")

    def signing(self, role: RoleName, scope: str = "group", nth: int = 0) -> Actor:
        """The same, having proved again who they are: the player stands for the door that asks."""
        return self.by(role, scope, nth).reauthenticated()
