"""The words of the demo courses. Questions: text, choices, index of the right choice."""

SCIENCE = {
    "id": "year-8-science",
    "title": "Year 8 Science",
    "about": "Forces, cells and acids: the autumn term.",
    "units": [
        {
            "slug": "forces",
            "title": "Forces and motion",
            "reading": [
                "A force is a push or a pull. Forces that are the same size in opposite directions are balanced: "
                "the object stays still, or keeps moving at the same speed.",
                "Speed tells how far something goes in a unit of time: speed = distance ÷ time.",
            ],
            "quizzes": [
                {
                    "title": "Balanced and unbalanced forces",
                    "points": 10,
                    "questions": [
                        ["A book lies still on a table. The forces on it are …", ["balanced", "unbalanced"], 0],
                        [
                            "A cyclist pedals harder and speeds up. The forces are …",
                            ["balanced", "unbalanced"],
                            1,
                        ],
                    ],
                },
                {
                    "title": "Speed, distance and time",
                    "points": 10,
                    "questions": [
                        [
                            "A bus goes 60 km in 2 hours. What is its speed?",
                            ["30 km/h", "58 km/h", "120 km/h"],
                            0,
                        ],
                        ["You walk at 5 km/h for 3 hours. How far do you go?", ["8 km", "15 km", "1.7 km"], 1],
                        ["Which unit is a unit of speed?", ["metre", "second", "metre per second"], 2],
                        ["The same distance in less time means the speed is …", ["higher", "lower", "the same"], 0],
                    ],
                },
                {
                    "title": "Friction on a ramp: investigation",
                    "points": 20,
                    "questions": [
                        ["Which surface gives the most friction?", ["ice", "sandpaper", "glass"], 1],
                        [
                            "What do you change in this investigation?",
                            ["the surface", "the ramp's height", "the block"],
                            0,
                        ],
                        ["What do you measure?", ["the colour", "the pull in newtons", "the weather"], 1],
                        [
                            "Why do you repeat each measurement?",
                            ["to fill the table", "to see whether results agree"],
                            1,
                        ],
                    ],
                },
            ],
        },
        {
            "slug": "cells",
            "title": "Cells and life processes",
            "reading": [
                "Living things are made of cells. Plant and animal cells share a nucleus, membrane and cytoplasm; "
                "plant cells also have a cell wall, and most have chloroplasts.",
                "In diffusion, particles spread from where there are many to where there are few.",
            ],
            "quizzes": [
                {
                    "title": "Parts of a cell",
                    "points": 8,
                    "questions": [
                        [
                            "Which part controls what the cell does?",
                            ["the nucleus", "the cell wall", "the vacuole"],
                            0,
                        ],
                        ["Which part is found only in plant cells?", ["membrane", "cell wall", "cytoplasm"], 1],
                        ["Where does photosynthesis happen?", ["nucleus", "chloroplast", "membrane"], 1],
                        [
                            "What lets things in and out of the cell?",
                            ["membrane", "chloroplast", "cytoplasm"],
                            0,
                        ],
                    ],
                },
                {
                    "title": "Diffusion in living things",
                    "points": 10,
                    "questions": [
                        ["Particles spread from …", ["many to few", "few to many"], 0],
                        ["In the lungs, oxygen moves into the …", ["blood", "stomach"], 0],
                    ],
                },
            ],
        },
        {
            "slug": "acids",
            "title": "Acids and alkalis",
            "reading": [
                "The pH scale runs from 0 to 14. Acids are below 7, alkalis above 7, and pure water is 7: neutral.",
                "An acid and an alkali react to make a salt and water. This is neutralisation.",
            ],
            "quizzes": [
                {
                    "title": "The pH scale",
                    "points": 10,
                    "questions": [
                        ["Lemon juice has pH 2. It is …", ["an acid", "an alkali", "neutral"], 0],
                        ["Which pH is neutral?", ["0", "7", "14"], 1],
                    ],
                },
                {
                    "title": "Neutralisation",
                    "points": 12,
                    "questions": [
                        ["Acid + alkali gives salt and …", ["water", "oxygen", "sugar"], 0],
                        ["A wasp sting is alkaline. What soothes it?", ["vinegar", "soap"], 0],
                        [
                            "Indicator is green at the end. The liquid is …",
                            ["acidic", "neutral", "alkaline"],
                            1,
                        ],
                        ["Which is an everyday alkali?", ["soap", "cola"], 0],
                    ],
                },
            ],
        },
    ],
}

MATHEMATICS = {
    "id": "year-8-mathematics",
    "title": "Year 8 Mathematics",
    "about": "Fractions, ratio and graphs. This course has no learning plan panel.",
    "units": [
        {
            "slug": "fractions",
            "title": "Fractions and ratio",
            "reading": ["Two fractions are equivalent when they name the same part of a whole, as 1/2 and 2/4 do."],
            "quizzes": [
                {
                    "title": "Equivalent fractions",
                    "points": 10,
                    "questions": [
                        ["Which equals 1/2?", ["2/4", "2/3"], 0],
                        ["Which equals 3/5?", ["6/10", "5/3"], 0],
                    ],
                },
                {
                    "title": "Sharing in a ratio",
                    "points": 12,
                    "questions": [
                        ["Share 12 in the ratio 1 : 2.", ["4 and 8", "6 and 6"], 0],
                        ["Share 20 in the ratio 3 : 2.", ["10 and 10", "12 and 8"], 1],
                    ],
                },
            ],
        },
        {
            "slug": "graphs",
            "title": "Straight-line graphs",
            "reading": ["In y = mx + c, m is how steep the line is and c is where it crosses the y-axis."],
            "quizzes": [
                {
                    "title": "Reading a gradient",
                    "points": 10,
                    "questions": [
                        ["What is the gradient of y = 3x + 1?", ["1", "3"], 1],
                        ["Where does y = 3x + 1 cross the y-axis?", ["at 1", "at 3"], 0],
                    ],
                },
            ],
        },
    ],
}
