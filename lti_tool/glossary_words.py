"""The words that stand in our messages for what schools call by names of their own, in every language we speak.

A place is one form of a word with all the words that stand in it: English says "student", "learner" and "pupil" of
the same people, and a school's word takes the place of each. English and Spanish have two places, one and many.
Where words change by what stands around them, as in Welsh and Arabic, each form is a place of its own, and only the
places a school gives a form for are changed.
"""

Place = tuple[str, ...]

WORDS: dict[str, dict[str, tuple[Place, ...]]] = {
    "en": {
        "learner": (("student", "learner", "pupil"), ("students", "learners", "pupils")),
        "family": (("family",), ("families",)),
        "teacher": (("teacher",), ("teachers",)),
        "key_worker": (("key worker",), ("key workers",)),
        "target": (("target",), ("targets",)),
        "review": (("review",), ("reviews",)),
        "plan": (("plan",), ("plans",)),
    },
    "es": {
        "learner": (("estudiante", "alumno", "alumna"), ("estudiantes", "alumnos", "alumnas")),
        "family": (("familia",), ("familias",)),
        "teacher": (("docente",), ("docentes",)),
        "key_worker": (("persona de referencia",), ("personas de referencia",)),
        "target": (("objetivo",), ("objetivos",)),
        "review": (("revisión",), ("revisiones",)),
        "plan": (("plan",), ("planes",)),
    },
    "mi": {
        "learner": (("ākonga",),),
        "family": (("whānau",),),
        "teacher": (("kaiako",),),
        "key_worker": (("kaitautoko matua", "kaimahi matua"),),
        "target": (("whāinga",),),
        "review": (("arotake",),),
        "plan": (("mahere",),),
    },
    "cy": {
        "learner": (
            ("myfyriwr", "dysgwr", "disgybl"),
            ("fyfyriwr", "ddysgwr", "ddisgybl"),
            ("myfyrwyr", "dysgwyr", "disgyblion"),
            ("fyfyrwyr", "ddysgwyr", "ddisgyblion"),
        ),
        "family": (("teulu",), ("deulu",), ("nheulu",), ("teuluoedd",), ("theuluoedd",)),
        "teacher": (("athro", "athrawes"), ("athrawon",), ("hathrawon",)),
        "key_worker": (("gweithiwr allweddol",), ("weithiwr allweddol",), ("gweithwyr allweddol",)),
        "target": (("targed",), ("darged",), ("targedau",), ("dargedau",), ("nhargedau",), ("thargedau",)),
        "review": (("adolygiad",), ("adolygiadau",)),
        "plan": (
            ("cynllun",), ("gynllun",), ("nghynllun",), ("chynllun",),
            ("cynlluniau",), ("gynlluniau",), ("nghynlluniau",), ("chynlluniau",),
        ),
    },
    "ar": {
        "learner": (
            ("طالب", "متعلّم", "تلميذ"),
            ("الطالب", "المتعلّم", "التلميذ"),
            ("والطالب",),
            ("للطالب", "للمتعلّم", "للتلميذ"),
            ("طلاب", "متعلّمون"),
            ("الطلاب", "الطلّاب", "المتعلّمون", "المتعلّمين", "التلاميذ"),
            ("للطلّاب", "للمتعلّمين"),
            ("طلابها",),
        ),
        "family": (
            ("أسرة", "عائلة"),
            ("الأسرة", "العائلة"),
            ("والأسرة", "والعائلة"),
            ("للأسرة", "للعائلة"),
            ("أسرتك", "عائلتك"),
            ("وأسرتك", "وعائلتك"),
            ("وأسرته",),
            ("الأسر",),
            ("والأسر", "والعائلات"),
        ),
        "teacher": (
            ("معلّم",), ("معلّمًا",), ("المعلّم",), ("معلّمك",), ("ومعلّمك",), ("المعلّمون",), ("المعلّمين",),
            ("والمعلّمين",), ("معلّموك",), ("ومعلّموك",), ("ومعلّموه",), ("ومعلّميّ",),
        ),
        "key_worker": (("المرافق",), ("المرافقون",), ("مرافقك",)),
        "target": (
            ("هدف",), ("هدفًا",), ("الهدف",), ("هدفان",), ("أهداف",), ("الأهداف",), ("أهدافك",), ("أهدافي",),
            ("أهدافهم",),
        ),
        "review": (
            ("مراجعة",), ("المراجعة",), ("للمراجعة",), ("لمراجعة",), ("مراجعتك",), ("مراجعتي",), ("مراجعته",),
            ("مراجعات",), ("المراجعات",), ("والمراجعات",), ("للمراجعات",), ("مراجعاتي",), ("ومراجعاتك",),
        ),
        "plan": (
            ("خطّة",), ("الخطّة",), ("وخطّة",), ("خطّتك",), ("خطّتي",), ("خطّتهم",), ("خطط",), ("الخطط",),
            ("للخطط",), ("لخطط",),
        ),
    },
}  # fmt: skip

# Each place by its first word, which is how it is written down.
PLACES: dict[str, dict[str, Place]] = {
    language: {place[0]: place for places in terms.values() for place in places} for language, terms in WORDS.items()
}
ONE_AND_MANY = ("en", "es")  # where a word without its other form would leave half of our sentences as they were
# What joins two words of a kind, so that "family and whānau" does not become the same word twice.
JOINED: dict[str, str] = {"en": "and|or", "es": "y|o", "cy": "neu|a"}
# Where one of our words is a verb, or part of a name that is not ours: these stay.
KEPT: dict[str, str] = {
    "en": r"\bReview (?=the |ILPs|how )|\b[Rr]eview and adapt|\band reviews? (?=the |each )|\bPlan (?=regular )"
    r"|\b(?:Individual(?:ized)?|Personal) [Ll]earning [Pp]lans?|\b[Ee]ducation [Pp]lans?|\bGraduation Plans?"
    r"|\bSection 504 plan|\b[Cc]ommunication [Pp]lan|\bStudent Synopsis|\bLearner Services|\bAdvanced Learner Program"
    r"|\b[Ss]ubmission [Rr]eview|\bReview of the Literature|\bTeacher Preparation|\b[Tt]arget link URI"
}
