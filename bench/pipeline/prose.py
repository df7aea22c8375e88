"""Made-up news prose for pages of a benchmark: sentences with places, people and subjects, another mix on
every page."""

from __future__ import annotations

import random

CITIES = (
    "Nairobi, Kenya|Lagos, Nigeria|Cairo, Egypt|Accra, Ghana|Dakar, Senegal|Tunis, Tunisia|Paris, France|"
    "Lyon, France|Berlin, Germany|"
    "Hamburg, Germany|Madrid, Spain|Seville, Spain|Rome, Italy|Milan, Italy|Warsaw, Poland|Vienna, Austria|"
    "Athens, Greece|Oslo, Norway|"
    "Stockholm, Sweden|Dublin, Ireland|London, Britain|Manchester, England|Glasgow, Scotland|Ankara, Turkey|"
    "Beirut, Lebanon|Amman, Jordan|"
    "Baghdad, Iraq|Tehran, Iran|Kabul, Afghanistan|Karachi, Pakistan|Mumbai, India|New Delhi, India|"
    "Dhaka, Bangladesh|Colombo, Sri Lanka|"
    "Bangkok, Thailand|Hanoi, Vietnam|Manila, Philippines|Jakarta, Indonesia|Tokyo, Japan|Osaka, Japan|"
    "Seoul, South Korea|Beijing, China|"
    "Shanghai, China|Taipei, Taiwan|Sydney, Australia|Auckland, New Zealand|Toronto, Canada|Montreal, Canada|"
    "Boston, United States|"
    "Houston, Texas|Denver, Colorado|Seattle, Washington|Mexico City, Mexico|Bogota, Colombia|Lima, Peru|"
    "Santiago, Chile|"
    "Buenos Aires, Argentina|Sao Paulo, Brazil|Quito, Ecuador|Kyiv, Ukraine"
).split("|")
FIRST = (
    "Amina Daniel Helena Marco Yusuf Ingrid Pedro Chiara Kenji Olga Samuel Leila Victor Nadia Thomas Grace "
    "Rafael Mei Anders Fatima"
).split()
LAST = (
    "Okafor Lindqvist Haddad Moreau Tanaka Petrov Alvarez Schneider Costa Mwangi Novak Rahman Keller Duarte "
    "Sato Brandt Osei Farouk Nguyen Whitfield"
).split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

SUBJECTS: dict[str, list[str]] = {
    "politics": [
        "Lawmakers in {city} voted {n} to {m} on {day} to pass the election reform bill after a night of "
        "debate",
        "{person}, who leads the opposition in parliament, called on the government to publish the coalition "
        "agreement",
        "The prime minister told reporters in {place} that the referendum would be held before the end of "
        "the year",
        "Diplomats from {country} and {country2} agreed to reopen talks on the border treaty, officials said",
        "Polling stations across {country} opened at dawn, and the election commission reported a turnout of "
        "{n} percent",
    ],
    "economy": [
        "The central bank of {country} raised its main interest rate by {n} basis points to slow inflation",
        "Shares in the carmaker fell {m} percent on {day} after it cut its profit forecast for exports to "
        "{country2}",
        "{person}, chief economist at a bank in {city}, said consumer prices would keep rising until spring",
        "The company plans to spend {n} million dollars on a factory outside {place}, which would create {m} "
        "jobs",
        "Unions and employers in {city} reached a wage deal that ends a strike of {n} days at the port",
    ],
    "conflict": [
        "Shelling hit two districts near {place} overnight, and at least {n} people were killed, local "
        "officials said",
        "The army said its troops had pushed back fighters from three villages along the road to {city}",
        "A ceasefire brokered by {country2} held for a second day while aid convoys crossed into {country}",
        "{person}, a spokesman for the defence ministry, said drones had struck a fuel depot close to {city}",
        "Thousands of families have fled the fighting since {day}, the refugee agency of the United Nations "
        "said",
    ],
    "disaster": [
        "An earthquake of magnitude {m}.{n} struck off the coast of {country} early on {day}, geologists said",  # noqa: E501
        "Rescue teams searched collapsed buildings in {place} for survivors after floods swept through the "
        "valley",
        "Firefighters from {country2} joined crews near {city} as the wildfire burned {n} square kilometres "
        "of forest",
        "The storm cut power to {n} thousand homes and closed the airport of {city} for most of {day}",
    ],
    "sport": [
        "{person} scored twice as the champions beat their rivals from {city} {m}-1 in the semi-final",
        "The striker will miss the World Cup qualifier against {country2} with a knee injury, the coach said",
        "{person} of {country} won the marathon in {place} in two hours and {n} minutes, a record for the "
        "course",
        "The Olympic committee will inspect stadiums in {city} before it decides on the host of the games",
    ],
    "health": [
        "Doctors at a hospital in {city} reported {n} new cases of cholera and appealed for vaccines",
        "A trial with {n} patients in {country} found that the drug halves the risk of a second stroke",
        "{person}, who heads the health ministry, said the measles campaign would reach every clinic by {day}",  # noqa: E501
        "Researchers in {place} linked air pollution to a rise in asthma among children",
    ],
    "science": [
        "Astronomers in {country} discovered a planet {n} light years away that orbits two stars",
        "A team led by {person} at the university of {city} published the genome of a fish that lives at "
        "great depth",
        "The space agency will launch its satellite from {place} on {day} to measure ice sheets",
        "Engineers in {city} trained an artificial intelligence model that predicts the folding of proteins",
    ],
    "crime": [
        "Police in {city} arrested {n} people on suspicion of smuggling and seized weapons at a warehouse",
        "A court in {place} sentenced {person} to {m} years in prison for fraud and money laundering",
        "Prosecutors in {country} opened an inquiry into bribes paid for a railway contract in {country2}",
        "Detectives said the suspect in the robbery was caught at the border with {country2} on {day}",
    ],
    "culture": [
        "The museum in {city} opens an exhibition of {n} paintings on {day}, some of them never shown before",
        "{person}, a novelist from {country}, won the literary prize for a book about a lighthouse keeper",
        "The film festival of {place} begins with a documentary on musicians who left {country2}",
    ],
    "environment": [
        "Ministers from {country} and {country2} signed a pact to cut carbon emissions by {n} percent",
        "Conservationists counted {n} elephants in the reserve north of {city}, fewer than ten years ago",
        "Drought has emptied the reservoirs around {place}, and farmers expect to lose half of the harvest",
    ],
    "education": [
        "Schools in {city} will teach {n} more hours of mathematics a year, the education ministry said",
        "Students in {place} marched on {day} against higher tuition fees at the state university",
        "Teachers in {country} learn to use tablets in classrooms of {n} pupils",
    ],
}  # fmt: skip
QUOTES = (
    '"We did not expect it to move so quickly," said {person}, who has lived in {city} since childhood',
    '"The figures speak for themselves," {person} said by telephone from {place}',
    "Asked about the plan, {person} said that nobody had spoken with the people concerned",
    "It was not clear by {day} evening when the next meeting would take place",
    "Similar steps were taken in {country2} a year ago, with mixed results",
    "Neighbours brought food and blankets, and a school gym stayed open through the night",
)


def article(dice: random.Random) -> tuple[str, str, str, list[str]]:
    """One article: its section, headline, byline and paragraphs (about 400 words)."""
    section, aside = dice.sample(list(SUBJECTS), 2)
    at, abroad = dice.choice(CITIES), dice.choice(CITIES)
    bank = [*SUBJECTS[section] * 4, *QUOTES, *SUBJECTS[aside]]
    dice.shuffle(bank)
    paragraphs = []
    for _ in range(dice.randint(9, 13)):
        sentences = [_filled(bank.pop(), dice, at, abroad) for _ in range(min(len(bank), dice.randint(1, 3)))]
        paragraphs.append(" ".join(f"{s}." for s in sentences))
    headline = _filled(dice.choice(SUBJECTS[section]), dice, at, abroad)[:110]
    return section, headline, _person(dice), [p for p in dict.fromkeys(paragraphs) if p]  # no paragraph twice


def _person(dice: random.Random) -> str:
    return f"{dice.choice(FIRST)} {dice.choice(LAST)}"


def _filled(pattern: str, dice: random.Random, at: str, abroad: str) -> str:
    city, country = at.split(", ")
    return pattern.format(
        city=city, place=at, country=country, country2=abroad.split(", ")[1], person=_person(dice),
        day=dice.choice(DAYS),
        n=dice.randint(11, 98), m=dice.randint(2, 9),
    )  # fmt: skip
