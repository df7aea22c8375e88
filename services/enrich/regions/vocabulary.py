"""Words that tell what stands beside them: titles, organisations, landmarks, speech."""

from __future__ import annotations

_FACILITY_WORDS = {
    "street": "Street St Road Rd Avenue Ave Boulevard Blvd Drive Lane Highway Freeway Parkway Turnpike "
        "Expressway Square Plaza Place Court Alley Terrace Crescent Way Interstate",
    "water": "River Lake Creek Bay Sea Ocean Strait Straits Channel Canal Reservoir Falls Lagoon Harbor "
        "Harbour Beach Coast Gulf Springs Pond Estuary Fjord",
    "land": "Mountain Mountains Mount Valley Hills Hill Island Islands Peninsula Forest Desert Canyon "
        "Plateau Peak Volcano Glacier Basin Plain Plains Heights Ridge Park Reserve Gardens Garden Farm "
        "Ranch Woods Marsh Delta Cape",
    "division": "County Township Parish District Province Prefecture Borough Governorate Municipality "
        "Territory Village Precinct Ward Neighborhood Quarter Estate Town City",
    "school": "University College School Institute Academy Elementary Campus Seminary",
    "building": "Hospital Church Cathedral Mosque Temple Synagogue Chapel Museum Library Stadium Arena "
        "Airport Station Bridge Tower Building Center Centre Hotel Mall Theatre Theater Palace Castle Prison "
        "Jail Courthouse Hall House Base Camp Port Dam Mine Plant Zoo Cemetery Clinic Terminal Tunnel "
        "Gallery Inn Club Fort Monument Memorial Market",
}  # fmt: skip
FACILITIES = {word: kind for kind, words in _FACILITY_WORDS.items() for word in words.split()}
FACILITY_KINDS = tuple(_FACILITY_WORDS)

# Words that open a sentence or lead to a place, so that a capital on them says nothing about a name.
LEADING = frozenset(
    """in at from near to of for and the on by with as across around outside inside within throughout over off through under toward towards
    between since after before while when where if but or nor so yet is are was were has have had will would can could may might must should
    this that these those it its he she they we you i his her their our your my an a no not all some many most more both each every other
    another such than then there here now today yesterday tomorrow late early mid last next monday tuesday wednesday thursday friday saturday
    sunday january february march april may june july august september october november december northern southern eastern western central
    north south east west upper lower greater mainland rural downtown metropolitan inner outer nearby neighboring neighbouring
    der die das den dem des ein eine in im am an aus von vom nach bei bis für mit und oder auf über unter zwischen auch wie als nur
    le la les l un une des du de d en à au aux et ou sur sous dans pour par avec entre vers chez depuis selon
    el los las una unos unas del al y o u con por para sin sobre entre hacia desde hasta según tras
    il lo gli i dal dalla dei nel nella nelle sul sulla tra fra per con e o da
    o os as um uma do da dos das no na nos nas em com por para entre sobre e ou
    het een van in op te uit voor met en of bij naar tot over
    в во на из от до с со к по о об при за под над для и или а но у""".split()
)
# What follows a place name without making it part of another name.
TRAILING = frozenset(
    """police mayor governor senator president prime minister government parliament court council county city airport state province
    district university officials authorities residents foreign defence defense interior army military navy air forces troops embassy
    ambassador embassy's chief attorney supreme high national federal central and""".split()
)
# What follows a place name and makes the whole the name of something else.
ORGANISATION = frozenset(
    """post times herald tribune journal gazette chronicle globe telegraph mail news daily guardian star sun observer examiner review
    united fc rovers wanderers athletic city's hotspur giants jets patriots bears bulls lakers knicks yankees mets dodgers cubs
    airlines airways bank insurance hilton jackson street avenue road boulevard lane drive square bridge wall declaration accord accords
    protocol treaty convention agreement consensus effect syndrome mercantile exchange""".split()
)
COMPANY = frozenset(
    """Inc Inc. Corp Corp. Co Co. Ltd Ltd. LLC Group Bank Airlines Airways Insurance Motors Electric Energy Oil Gas Holdings Capital Partners
    Industries Records Press Times Post Herald Tribune Journal Gazette Chronicle Globe Telegraph Mail News Daily Guardian Star Sun Observer
    Examiner Review United FC Rovers Wanderers Athletic Hotspur Giants Jets Patriots Bears Bulls Lakers Knicks Yankees Mets Dodgers Cubs
    Tigers Eagles Lions Hawks Raiders Rangers Warriors Rockets Cowboys Bulldogs Wildcats Panthers Cardinals Broncos Bobcats Sharks Devils
    Declaration Accord Accords Protocol Treaty Convention Agreement Consensus Act Award Prize Cup League Championship Open Festival Band
    Foundation Association Society Committee Commission Council Department Office Agency Bureau Board Authority Union Party Police""".split()
)
TITLES = frozenset(
    """mr mrs ms miss dr sir lord lady judge justice sen rep gov gen lt capt col sgt prof rev pastor sheikh prince princess king queen herr frau
    monsieur madame señor señora don doña senator president minister chancellor mayor governor secretary chief officer detective sheriff
    coach captain professor sergeant lieutenant general colonel spokesman spokeswoman director chairman attorney congressman councilman
    deputy ambassador bishop cardinal father brother sister aunt uncle actor actress singer author""".split()
)
# Words that have a full stop within a name: St. John's Hospital, Mt. Sinai School, King Jr. Memorial Hospital.
ABBREVIATED = frozenset(
    """St Ste Sta Mt Ft Pt Dr Mr Mrs Ms Jr Sr Gen Col Lt Sgt Capt Maj Adm Gov Sen Rep Prof Rev Msgr Fr Pres Hon Wm Geo Chas
    Jos""".split()
)
SPEECH = frozenset(
    "said says added told wrote tweeted asked replied argued noted recalled insisted joked tells scored who "
    "whose has had was is will sagte dit dijo disse".split()
)
# Countries and cities that are also given or family names.
PERSONAL = frozenset(
    """Jordan Chad Georgia Israel Kenya India Paris Sydney Florence Victoria Charlotte Madison Austin Lincoln Jackson Houston Dallas Denver
    Savannah Carolina Virginia Washington Chelsea Brooklyn""".split()
)
WATERS = frozenset({"Sea", "Ocean", "Channel", "Gulf", "Strait", "Bay", "River"})
