"""Text that costs a search for credentials most: at every place it nearly is one, and nowhere it is."""
import random


def near_misses(size: int, seed: int) -> str:
    """`size` characters of near misses of many formats."""
    rng = random.Random(seed)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    word = lambda count: "".join(rng.choices(letters, k=count))
    kinds = [lambda: f"AKIA{word(15).upper()}", lambda: f"ghp_{word(35)}", lambda: f"sk-proj-{word(60)}T3BlbkFJ",
             lambda: f"xoxb-{rng.randrange(10**11)}-{rng.randrange(10**11)}-", lambda: f"glpat-{word(19)}",
             lambda: f"api_key={word(15)}", lambda: f"password: {word(15)}", lambda: f"secret={word(20)}EXAMPLE",
             lambda: f"https://u{word(8)}:x@", lambda: f"-----BEGIN RSA PRIVATE KEY----{word(39)}",
             lambda: f"kind: Config token: {word(15)}", lambda: f"eyJ{word(20)}.eyJ{word(20)}.{word(19)}",
             lambda: f"hf_{word(33)}", lambda: f"npm_{word(35)}", lambda: f"SG.{word(22)}.{word(42)}",
             lambda: f"hvs.{word(23)}", lambda: f"{word(25)}.{word(6)}.", lambda: f"sv=2024&sig={word(30)}",
             lambda: f"AIza{word(34)}", lambda: f"dapi{word(31).lower()}", lambda: f"tvly-{word(31)}", lambda: f"access_token: {word(15)}"]
    out: list[str] = []
    length = 0
    while length < size:
        out.append(rng.choice(kinds)() + rng.choice(" ,;\n"))
        length += len(out[-1])
    return "".join(out)[:size]
