"""English words that say nothing of a subject: grammar, and the verbs and particles of reporting."""

FUNCTION_WORDS = frozenset(
    """
    a about above according across actually added adds after again against ago ahead all almost alone
    along already also although always am amid among an and announced another any anyone anything are
    aren't around as ask asked asking asks at away back be became because become been before began
    behind being below best better between beyond big both but by call called calls came can can't
    cannot come comes coming could couldn't day days decided described despite did didn't do does
    doesn't doing don't done down due during each early either else end enough especially even ever
    every everyone everything expected explained far few find first five following for former found four
    from full further gave get gets getting give given gives giving go goes going got had hadn't half
    happen happened has hasn't have haven't having he he'd he'll he's her here herself him himself his
    how however i i'd i'll i'm i've if in include included includes including inside instead into is
    isn't it it's its itself just keep kept know known knows last late later latest least left less let
    like likely little long look looking lot made make makes making many may maybe me mean means might
    mon monday month months more morning most much must my myself near nearly need needs never new next
    night no nor not nothing noted notes now number of off often old on once one only onto or other
    others our out outside over own part people per perhaps place point possible put quite rather really
    recent recently reported reportedly right said same saturday saw say saying says second see seen set
    seven several shall she she'd she'll she's should shouldn't show showed shows since six so some
    someone something soon spoke still such sunday take taken takes taking tell tells ten than that
    that's the their them themselves then there there's these they they'd they'll they're they've thing
    things think this those though thought three through thursday time times to today together told
    tomorrow tonight too took toward towards tuesday two under until up upon us use used using very via
    want wanted wants was wasn't way we we'd we'll we're we've wednesday week weeks well went were
    weren't what when where whether which while who whole whom whose why will with within without won't
    would wouldn't wrote yeah year years yes yesterday yet you you'll you're you've your friday mr mrs
    ms dr
    """.split()
)


def says_something(feature: str) -> bool:
    """Whether a word, or one of a pair, is more than grammar."""
    return any(word not in FUNCTION_WORDS for word in feature.replace("’", "'").split(" "))
