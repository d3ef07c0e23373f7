"""The demo's pictures, one function each: friendly, flat, and without words. What each shows is told in `data/demo.json`."""

from collections.abc import Callable, Mapping

from workers.shapes import (
    BLUSH,
    CLAY,
    COLOURS,
    DEEP,
    INK,
    LEAF,
    LIGHT,
    MINT,
    MIST,
    PAPER,
    SAFFRON,
    SAND,
    SUN,
    Scene,
    art,
    bolt,
    box,
    bubble,
    cloud,
    dot,
    dots,
    glass,
    ground,
    heart,
    phone,
    put,
    rays,
    shape,
    sky,
    star,
    tiles,
)


def umbrella() -> Scene:
    """Friends under one umbrella, unkind messages running off it."""
    rain = [(34, 40, 1), (92, 26, -1), (150, 44, 1), (206, 28, -1), (26, 106, 1), (214, 102, -1)]
    storm = "".join(bubble(x, y, 40, 28, LIGHT, bolt(0, 0, 0.8), tail=side) for x, y, side in rain)
    dome = shape(
        "M30 168Q36 86 120 80Q204 86 210 168Q196 152 180 168Q165 152 150 168"
        "Q135 152 120 168Q105 152 90 168Q75 152 60 168Q46 152 30 168z", CLAY,
    )  # fmt: skip
    ribs = shape("M120 80Q84 110 90 168M120 80Q156 110 150 168M120 80V66", width=3)
    return Scene(240, 300, MIST, (
        storm + ground(240, 270, 30, MINT) + shape("M120 168V236Q120 248 130 248Q138 248 138 240", width=6) + dome + ribs
        + art("hedgehog", 66, 239, 0.86) + art("cat", 172, 229, 0.86),
    ))  # fmt: skip


def missing() -> Scene:
    """A wall of tiles that smile together, and one tile left outside."""
    wall = "".join(
        star(52 + 68 * column, 48 + 68 * row, 32, COLOURS[(row * 2 + column) % 3], "glad")
        for row in range(2) for column in range(3) if (row, column) != (1, 2)
    )  # fmt: skip
    gap = star(188, 116, 32, SAND)
    return Scene(240, 240, PAPER, (wall + gap + ground(240, 186, 60, SUN) + star(196, 194, 30, LIGHT, "sad", turn=11),))


def welcome() -> Scene:
    """The same wall, whole again, and hearts."""
    faces = ("glad", "laugh", "wink", "glad", "calm", "laugh")
    wall = "".join(
        star(52 + 68 * (n % 3), 84 + 68 * (n // 3), 33, LIGHT if n == 5 else COLOURS[(n // 3 * 2 + n % 3) % 3], face)
        for n, face in enumerate(faces)
    )  # fmt: skip
    hearts = heart(150, 32, 1.1) + heart(188, 24, 1.5) + heart(218, 46, 0.9)
    return Scene(240, 240, SUN, (rays(188, 152, PAPER) + hearts + wall + ground(240, 200, 50, MINT),))


def rumour() -> Scene:
    """A small egg of a word grows from one to the next until it is a monster."""
    friends = art("hedgehog", 44, 148, 0.62) + art("tortoise", 126, 150, 0.62) + art("cat", 208, 144, 0.68)
    monster = bubble(280, 70, 112, 88, CLAY, (
        dot(-20, -12, 11, LIGHT, 3) + dot(18, -14, 15, LIGHT, 3) + dot(-18, -11, 4, INK) + dot(16, -12, 5, INK)
        + shape("M-34 16l10 8 10-8 10 8 10-8 10 8 10-8 10 8", width=4)), tail=-1)  # fmt: skip
    spikes = shape("M232 30l6-20 14 14 12-20 14 18 16-18 8 20 18-10-2 22z", CLAY)
    words = bubble(44, 92, 30, 22, LIGHT, dot(0, 0, 3.5, INK)) + bubble(120, 80, 48, 36, SUN, dots(0, 0, 0.9))
    return Scene(360, 200, MIST, (tiles(360, 180, PAPER) + ground(360, 180, 30, SAND) + friends + words + spikes + monster,))


def twins() -> Scene:
    """Two phones, two cats that look alike; one wears a false nose and a moustache."""
    cat = art("cat", 0, 6, 0.4)
    nose = shape("M0 7q-6-4-11 3q7 3 11-1q4 4 11 1q-5-7-11-3z", INK, width=1) + dot(0.4, 4.5, 3, CLAY, 1.6)
    glasses = dot(-5.4, -1, 4.6, LIGHT, 1.8) + dot(6, -1, 4.6, LIGHT, 1.8) + dot(-5, -1, 1.7, INK) + dot(5.6, -1, 1.7, INK)
    left = phone(66, 120, 1.5, cat + heart(0, -30, 0.7), screen=MIST, turn=-6)
    right = phone(174, 120, 1.5, cat + glasses + nose + bolt(0, -32, 0.8), screen=BLUSH, turn=6)
    return Scene(240, 240, SUN, (tiles(240, 240, PAPER) + left + right,))


def padlock() -> Scene:
    """A big calm padlock, with keys of four colours that only it knows."""
    lock = (
        shape("M82 140V104Q82 58 120 58Q158 58 158 104V140", width=26)
        + shape("M82 140V104Q82 58 120 58Q158 58 158 104V140", stroke=MINT, width=17)
        + box(52, 128, 136, 112, SAFFRON, round=22) + star(120, 184, 44, LIGHT, "wink")
    )  # fmt: skip
    keys = art("key", 44, 58, 0.62, turn=-30) + art("key", 200, 64, 0.62, turn=30, flip=True)
    return Scene(240, 300, MIST, (tiles(240, 300, PAPER) + keys + ground(240, 256, 50, CLAY) + lock,))


def bedtime() -> Scene:
    """Night: the phone sleeps in a bed of its own, and the lantern stays awake."""
    moon = dot(56, 52, 26, SUN, 4) + dot(68, 44, 22, DEEP)
    bed = box(58, 136, 12, 64, CLAY, round=4) + box(268, 154, 12, 46, CLAY, round=4) + box(62, 170, 214, 20, CLAY, round=4)
    pillow = box(76, 126, 60, 34, LIGHT, round=14)
    asleep = put(0, -14, 0.75, shape("M-19-4q6 6 12 0M7-4q6 6 12 0M-4 12h8"), turn=90)
    sleeper = phone(138, 148, 1, asleep, turn=-90)
    blanket = shape("M150 120Q210 106 266 124Q276 150 270 182H150Q140 150 150 120z", MINT)
    pattern = star(180, 150, 13, SAFFRON) + star(212, 142, 13, LIGHT) + star(244, 152, 13, CLAY)
    return Scene(320, 220, DEEP, (
        moon + sky((110, 30, 6), (150, 58, 4), (206, 34, 7), (250, 62, 4), (24, 104, 4))
        + ground(320, 198, 30, INK) + bed + pillow + sleeper + blanket + pattern + art("lantern", 282, 96, 0.5),
    ))  # fmt: skip


def shield() -> Scene:
    """A tortoise, calm: what is thrown at it bounces off."""
    bounce = shape("M258 66Q240 76 234 96M292 108Q268 108 252 116M206 40Q208 60 204 74", stroke=CLAY, width=4)
    storm = (
        bubble(292, 46, 46, 32, LIGHT, bolt(0, 0, 0.9), tail=1) + bubble(322, 110, 46, 32, LIGHT, bolt(0, 0, 0.9), tail=1)
        + bubble(206, 24, 46, 32, LIGHT, bolt(0, 0, 0.9), tail=1)
    )  # fmt: skip
    return Scene(360, 220, BLUSH, (
        rays(150, 130, PAPER) + ground(360, 188, 40, MINT) + art("tortoise", 140, 120, 1.75, flip=True) + storm + bounce
        + heart(64, 64, 1.2),
    ))  # fmt: skip


def secret_place() -> Scene:
    """A map on a phone: the pin keeps its mouth shut with a zip."""
    streets = shape("M-20-24H20M-20 14H20M-9-38V38M11-38V38", stroke=LIGHT, width=5)
    pin = shape("M0 58Q-40 6-40-24Q-40-62 0-62Q40-62 40-24Q40 6 0 58z", CLAY)
    face = dot(-14, -30, 4.6, INK) + dot(14, -30, 4.6, INK) + dot(-24, -18, 5.5, SAFFRON) + dot(24, -18, 5.5, SAFFRON)
    zip_shut = shape("M-14-10H14", width=7) + shape("M-12-10H12", stroke=LIGHT, width=2.4)
    zip_shut += box(10, -13, 9, 17, SAFFRON, round=4, line=3)
    return Scene(240, 240, MIST, (
        tiles(240, 240, PAPER) + ground(240, 214, 40, SAND) + phone(96, 122, 1.85, streets, screen=MINT)
        + put(96, 110, 1, pin + face + zip_shut) + art("door", 196, 182, 0.62),
    ))  # fmt: skip


def keep_it() -> Scene:
    """A photograph put into an envelope, closed with a heart, under a paw."""
    paper = box(-58, -66, 116, 120, LIGHT, round=6) + box(-46, -54, 92, 76, SAND, round=4, line=3)
    photo = put(120, 104, 1, paper + star(0, -16, 30, SUN, "glad"), turn=-7)
    envelope = box(34, 128, 172, 108, SAFFRON, round=10) + shape("M36 134L120 196L204 134M36 232L92 178M204 232L148 178", width=4)
    paw = (
        shape("M240 208Q206 196 178 210Q160 222 176 236Q200 250 244 246z", SAFFRON)
        + shape("M176 222q8-2 12 0M182 232q7-2 11 0", width=3) + shape("M214 202v16M226 204v14", stroke=CLAY, width=5)
    )  # fmt: skip
    return Scene(240, 270, BLUSH, (tiles(240, 270, PAPER) + photo + envelope + heart(120, 192, 2.4) + paw,))


def bait() -> Scene:
    """Under water, a present hangs on a hook; a small fish with glasses thinks twice."""
    waves = shape("M-10 44Q10 30 30 44T70 44T110 44T150 44T190 44T230 44T270 44V320H-10z", MINT)
    gift = box(124, 142, 56, 50, CLAY, round=6) + box(118, 130, 68, 18, CLAY, round=5)
    gift += shape("M152 132V190", stroke=SAFFRON, width=8)
    bow = shape("M152 130Q122 126 132 108Q146 102 152 130Q158 102 172 108Q182 126 152 130z", SAFFRON)
    hook = shape("M152-4V92", width=3)
    hook += shape("M152 104V84M152 196V214Q152 232 136 232Q120 232 120 214l-7 9m7-9l8 8", width=5)
    fish = (
        shape("M-40 0Q-10-40 34-8Q40 0 34 8Q-10 40-40 0L-66-22Q-58 0-66 22z", SAFFRON) + dot(16, -7, 11, LIGHT, 3)
        + dot(18, -6, 4, INK) + shape("M5-7H-10M22 14q7 0 11-5", width=3) + shape("M-18 6q10 8 16-2", stroke=CLAY)
    )  # fmt: skip
    doubt = bubble(62, 136, 54, 40, LIGHT, dots(0, 0, 1), tail=1)
    plants = shape("M28 300Q16 276 30 256Q42 276 28 300M210 300Q196 264 214 236Q230 266 210 300", LEAF)
    return Scene(240, 300, MIST, (
        waves + plants + ground(240, 284, 20, SAND) + hook + gift + bow + put(66, 206, 0.85, fish) + doubt
        + "".join(dot(x, y, r, LIGHT, 3) for x, y, r in ((108, 176, 5), (116, 160, 3.5), (200, 90, 6))),
    ))  # fmt: skip


def way_out() -> Scene:
    """A dark cloud of a message; a star with a lantern shows the way to an open door."""
    threat = cloud(66, 60, 1.5, INK) + bolt(56, 94, 1.1) + bolt(80, 98, 0.8)
    glow = dot(188, 158, 66, "#46527a") + dot(188, 158, 46, "#6d6f86")
    return Scene(340, 220, DEEP, (
        glow + ground(340, 194, 40, INK) + art("door", 284, 132, 1.25) + threat
        + sky((150, 34, 5), (190, 66, 4), (220, 28, 6), (128, 84, 3))
        + star(134, 152, 42, SAFFRON, "glad") + art("lantern", 194, 160, 0.62),
    ))  # fmt: skip


def everyone() -> Scene:
    """Stars of every colour hold together in one row; an animal stands at each end."""
    row = "".join(
        star(92 + 46 * n, 124 + (n % 2) * 10, 34, colour, face)
        for n, (colour, face) in enumerate(
            zip((CLAY, LIGHT, MINT, SAFFRON, BLUSH), ("laugh", "glad", "wink", "laugh", "calm"), strict=True)
        )
    )  # fmt: skip
    return Scene(360, 210, MIST, (
        rays(180, 130, PAPER, 16) + ground(360, 176, 40, SAFFRON) + art("hedgehog", 36, 148, 0.7) + art("cat", 322, 142, 0.72) + row
        + heart(120, 46, 1.2) + heart(180, 32, 1.6) + heart(240, 46, 1.2),
    ))  # fmt: skip


def six_paws() -> Scene:
    """A cat with three tails and four eyes under a magnifying glass, and a stork that doubts it."""
    curl = "M0 0Q34 0 30-34Q26-46 18-42"
    tail = shape(curl, width=16) + shape(curl, stroke=SAFFRON, width=8)
    tails = put(50, 176, 1.1, tail, flip=True) + put(48, 150, 0.9, tail, flip=True, turn=16)
    eyes = "".join(dot(x, y, 9, LIGHT, 4) + dot(x + 1, y + 1, 4, INK) for x, y in ((66, 103), (105, 103), (85.5, 96)))
    legs = "".join(shape(f"M{x} 196v-28", width=4) for x in (59, 72.4, 85.5, 98.5, 111))
    return Scene(240, 240, SUN, (
        tiles(240, 240, PAPER) + ground(240, 196, 50, MINT) + tails + art("cat", 84, 126, 1.45) + legs + eyes
        + art("stork", 196, 154, 0.86, flip=True) + glass(160, 70, 0.9) + dot(160, 70, 10, LIGHT, 4) + dot(162, 71, 4.5, INK),
    ))  # fmt: skip


def between() -> Scene:
    """A very small hedgehog stands between an angry bubble and a small star."""
    angry = bubble(270, 84, 132, 104, CLAY, (
        shape("M-34-22l22 8M30-22l-20 8", width=6) + dot(-22, -6, 6, INK) + dot(20, -6, 6, INK)
        + shape("M-26 24q24-18 48 0", width=5)), tail=1)  # fmt: skip
    return Scene(360, 210, SUN, (
        rays(140, 160, PAPER, 14) + ground(360, 176, 40, SAND) + star(50, 146, 34, MINT, "worry") + angry
        + bolt(182, 62, 1.1) + bolt(176, 104, 0.9) + art("hedgehog", 142, 142, 0.86),
    ))  # fmt: skip


def chest() -> Scene:
    """A chest in which messages are kept as proof; the key hangs above it."""
    inside = (
        bubble(72, 98, 58, 42, LIGHT, bolt(0, 0, 0.9)) + bubble(172, 92, 58, 42, LIGHT, dots(0, 0), tail=1)
        + bubble(122, 82, 62, 46, CLAY, shape("M-16-7h32M-16 6h20", stroke=LIGHT, width=5))
    )  # fmt: skip
    trunk = box(34, 128, 172, 88, SAFFRON, round=10) + box(26, 116, 188, 26, SAFFRON, round=8)
    bands = box(60, 116, 16, 100, LEAF, line=3) + box(164, 116, 16, 100, LEAF, line=3)
    return Scene(240, 240, MIST, (
        tiles(240, 240, PAPER) + ground(240, 206, 50, SAND) + inside + trunk + bands
        + star(120, 168, 30, LIGHT, "calm") + art("key", 120, 30, 0.5),
    ))  # fmt: skip


def watering() -> Scene:
    """Kind words water a plant that grows out of a phone."""
    can = shape("M-36 20L-74-14M-82-8l16-14") + shape("M-34-20H30Q36-20 36-12V24Q36 32 28 32H-28Q-36 32-36 24V-18z", MINT)
    can += shape("M36-10Q66-14 60 12Q56 24 36 22", width=6)
    rain = heart(62, 104, 0.8) + heart(82, 118, 0.8) + heart(58, 128, 0.7)
    plant = shape("M86 214Q82 190 88 172", stroke=INK, width=10) + shape("M86 214Q82 190 88 172", stroke=LEAF, width=5)
    leaves = shape("M88 196Q120 196 124 166Q92 164 88 196z", LEAF) + shape("M86 208Q58 208 52 182Q82 180 86 208z", LEAF)
    return Scene(240, 300, BLUSH, (
        tiles(240, 300, PAPER) + ground(240, 276, 30, SAND) + plant + leaves + star(88, 164, 22, SAFFRON, "laugh")
        + phone(88, 262, 1.1, heart(0, -18, 1.2), screen=MIST) + put(160, 66, 1.1, can, turn=-14) + rain
        + art("tortoise", 190, 248, 0.62, flip=True),
    ))  # fmt: skip


def door_open() -> Scene:
    """A door opens and those inside wave: there is room."""
    arch = shape("M40 270V124Q40 44 120 36Q200 44 200 124V270z", DEEP) + shape("M58 270V130Q58 64 120 58Q182 64 182 130V270z", SUN)
    inside = art("cat", 92, 226, 0.7) + art("tortoise", 152, 236, 0.56, flip=True) + heart(120, 116, 1.5)
    return Scene(240, 300, CLAY, (
        tiles(240, 300, "#d96c43") + arch + inside + ground(240, 260, 40, SAND) + star(34, 244, 30, MINT, "glad"),
    ))  # fmt: skip


def think_first() -> Scene:
    """Two pictures one above the other: the cat turns its back on the lightning and likes the heart."""
    no, yes = bubble(166, 72, 104, 76, CLAY, bolt(0, 0, 2.2)), bubble(166, 216, 104, 76, MINT, heart(0, 0, 2))
    # The drawing's open eyes are painted over with closed ones.
    lids = "".join(dot(x, 78, 6.5, SAFFRON) + shape(f"M{x - 6} 78H{x + 6}") for x in (42, 64.5))
    return Scene(240, 290, MIST, (
        box(0, 0, 240, 145, BLUSH, line=0) + no + art("cat", 54, 92, 0.86, flip=True) + lids
        + yes + art("cat", 54, 238, 0.86) + box(-4, 142, 248, 5, INK, line=0),
    ))  # fmt: skip


def delivery() -> Scene:
    """A stork brings a key by air: your account comes home."""
    string = shape("M240 58Q250 78 246 98", width=3)
    return Scene(340, 220, MIST, (
        cloud(56, 54, 1, LIGHT) + cloud(296, 40, 0.8, LIGHT)
        + ground(340, 186, 40, SUN) + box(92, 150, 130, 40, CLAY, round=4)
        + "".join(star(112 + 30 * n, 170, 11, COLOURS[n % 2]) for n in range(4))
        + art("stork", 168, 92, 1.3) + string + art("key", 246, 124, 0.6, turn=80)
        + phone(50, 168, 0.9, star(0, -4, 17, SAFFRON, "oh"), screen=MIST),
    ))  # fmt: skip


def typing() -> Scene:
    """Moves: dots, dots, and then the answer is a heart."""
    frames = []
    for step in range(6):
        waiting = "".join(dot(-24 + 24 * n, -7 if n == step else 0, 8, INK) for n in range(3))
        shown = waiting if step < 4 else heart(0, 0, 1.9 + 0.3 * (step - 4))
        answer = bubble(150, 84, 132, 84, LIGHT if step < 4 else SUN, shown, tail=1)
        friends = art("cat", 66, 170, 0.9) + art("hedgehog", 184, 182, 0.7, flip=True)
        frames.append(tiles(240, 240, PAPER) + ground(240, 200, 50, MINT) + answer + friends)
    return Scene(240, 240, MIST, tuple(frames), pixels=560, pause=450)


def lantern() -> Scene:
    """Moves: at night the lantern breathes, and the stars with it."""
    frames = []
    for step in range(6):
        glow = (0, 1, 2, 3, 2, 1)[step]
        light = dot(120, 140, 62 + 5 * glow, "#4a4a5e") + dot(120, 140, 46 + 4 * glow, "#8a7550")
        stars = sky((40, 50, 5 + glow), (200, 42, 8 - glow), (30, 128, 7 - glow), (214, 116, 4 + glow), (120, 28, 6 + glow / 2))
        friends = star(56, 246, 28, MINT, "calm") + star(188, 248, 28, CLAY, "glad")
        frames.append(stars + ground(240, 236, 70, INK) + light + art("lantern", 120, 140, 1.1) + friends)
    return Scene(240, 300, DEEP, tuple(frames), pixels=600, pause=350)


def slow_reply() -> Scene:
    """Moves: a tortoise takes its time to answer, and smiles."""
    frames = []
    for step in range(6):
        thought = dots(0, 0, 1.2) if step % 2 == 0 else dots(0, -3, 1.2)
        said = bubble(206, 50, 84, 54, LIGHT, thought if step < 4 else heart(0, 0, 1.5 if step == 4 else 1.7))
        walker = art("tortoise", 84 + 9 * step, 116 + (step % 2), 1.1)
        frames.append(tiles(320, 180, SUN) + ground(320, 168, 30, MINT) + walker + said)
    return Scene(320, 200, PAPER, tuple(frames), pixels=600, pause=600)


def proud() -> Scene:
    """A hedgehog in the sun holds a phone with a star: it asked for help."""
    return Scene(240, 240, SAFFRON, (
        rays(120, 130, SUN, 14) + ground(240, 196, 60, MINT) + art("hedgehog", 104, 138, 1.6)
        + phone(213, 138, 0.8, art("mood-proud", 0, -4, 0.36), turn=8) + heart(60, 48, 1.3) + heart(180, 54, 1.1),
    ))  # fmt: skip


def pause() -> Scene:
    """A cat sits on the phone, and so nobody can answer in anger."""
    return Scene(240, 240, MINT, (
        tiles(240, 240, MIST) + ground(240, 204, 50, SAND) + phone(120, 178, 1.5, "", turn=90)
        + art("cat", 124, 96, 1.25) + bubble(38, 60, 50, 36, LIGHT, bolt(0, 0, 0.9))
        + bubble(206, 52, 50, 36, LIGHT, bolt(0, 0, 0.9), tail=1),
    ))  # fmt: skip


_ALL: tuple[Callable[[], Scene], ...] = (
    umbrella, missing, welcome, rumour, twins, padlock, bedtime, shield, secret_place, keep_it, bait, way_out, everyone,
    six_paws, between, chest, watering, door_open, think_first, delivery, typing, lantern, slow_reply, proud, pause,
)  # fmt: skip

SCENES: Mapping[str, Callable[[], Scene]] = {scene.__name__: scene for scene in _ALL}
