"""Field rules: a message is accepted here exactly when PyPI's protovalidate accepts it under the same contract, and what
is wrong with it has the same place and the same rule."""

import os
import random
import struct
import subprocess
import time
import unicodedata

import protovalidate
import pytest
from google.protobuf import descriptor

from conftest import BINARIES
from golden_rules import path, rules_pb2

LONG = os.environ.get("MILLRACE_LONG") == "1"
MESSAGES = 4_000 if LONG else 250
Field = descriptor.FieldDescriptor


@pytest.fixture(scope="module")
def contract():
    """The stubs of the contract with every rule."""
    return rules_pb2()


# What the two implementations say, each as a sorted list of (rule, whether it is on a key, field).

def ours(messages):
    """What Millrace finds wrong with each of the messages."""
    request = b"".join(
        struct.pack(f">I{len(name)}sI{len(body)}s", len(name), name, len(body), body)
        for name, body in ((m.DESCRIPTOR.full_name.encode(), m.SerializeToString()) for m in messages))
    answer = subprocess.run([BINARIES / "rules-check"], input=request, capture_output=True, check=True, timeout=300)
    results, current = [], []
    for line in answer.stdout.decode().split("\n")[:-1]:
        if line:
            rule, place, field = line.split("\t")
            current.append((rule, place == "key", field))
        else:
            results.append(sorted(current))
            current = []
    assert len(results) == len(messages)
    return results


def theirs(message):
    """What protovalidate finds wrong with a message."""
    try:
        violations = protovalidate.collect_violations(message)
    except protovalidate.EvaluationError as error:
        # Bytes that are no text cannot be held against a pattern, which refuses the message as well.
        assert "UTF-8" in str(error)
        return None
    return sorted((v.proto.rule_id, v.proto.for_key, path(v.proto.field)) for v in violations)


def agree(messages):
    """Asserts that both find the same; gives how many messages are right and how many wrong."""
    right = wrong = 0
    for message, mine in zip(messages, ours(messages)):
        judged = theirs(message)
        if judged is None:
            assert mine, message
        else:
            assert mine == judged, f"{message.DESCRIPTOR.full_name}: {message}"
        right, wrong = right + (not mine), wrong + bool(mine)
    return right, wrong


# Random messages: every field of every kind from values near the rules.

TEXTS = [
    "", "a", "ab", "abc", "abcd", "abcdefgh", "one", "two", "on", "é", "e\u0301", "été", "e\u0301te\u0301", "été!",
    "pré", "pre", "préx", "pr", 'x"\\suf', '"\\suf', "suf", "a\0b", "AB", "_x1", "Ä12", "Ä", "ǅ1", "K", "\u212a", "ſ",
    "a\nb", "abx", "xab", "aab", "日本", "𝄞", "𝄞𝄞", "a@b.c", "a.b", "x@y", "type.googleapis.com/a.B", "x/c.D", "b.c",
    "b.c.d", "b.cd", "b", "a.", " ", "\t", "aa@b",
]
BLOBS = [
    b"", b"\x01", b"\x01\xff", b"\x01\x02", b"\x00\x01\x02", b"abc", b"a", b"b", b"\xff\xfe", "é".encode(), "aÿ".encode(),
    b"\x01\x01\x02", bytes(4), bytes(5), bytes(15), bytes(16), bytes(17),
]
REALS = [
    0.0, -0.0, 1.0, -1.0, 1.5, -1.5, 2.0, 0.1, 0.2, 0.3, 5.0, -5.0, 4.9999999, 100.0, 1e30, 1.1e30, 1e-300, 1e-310,
    float("inf"), float("-inf"), float("nan"),
]
SMALL = list(range(-12, 14))
EDGES = [2**31 - 1, 2**31 - 2, 2**32 - 1, 2**32 - 2, 2**63 - 1, 2**63 - 2, 2**64 - 1, 2**64 - 2, -2**31, -2**63, 60, 61,
         1_000_000_000, 1_600_000_000, 1_600_000_001, 1_700_000_000, 253402300799, -62135596800, -62135596801]


class Maker:
    """Fills messages at random, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def message(self, kind, depth=0):
        message = kind()
        for field in kind.DESCRIPTOR.fields:
            if self.random.random() < (0.75 if depth < 3 else 0.1):
                self.fill(message, field, depth)
        return message

    def fill(self, message, field, depth):
        if field.message_type and field.message_type.GetOptions().map_entry:
            keys, values = field.message_type.fields
            target = getattr(message, field.name)
            for _ in range(self.random.randrange(4)):
                key = self.scalar(keys)
                if isinstance(key, str):
                    # Swift's dictionaries take canonically equivalent keys for one.
                    key = unicodedata.normalize("NFC", key)
                if values.message_type:
                    target[key].CopyFrom(self.submessage(values, depth))
                else:
                    target[key] = self.scalar(values)
        elif field.is_repeated:
            for _ in range(self.random.randrange(4)):
                value = self.submessage(field, depth) if field.message_type else self.scalar(field)
                getattr(message, field.name).append(value)
        elif field.message_type:
            getattr(message, field.name).CopyFrom(self.submessage(field, depth))
        else:
            setattr(message, field.name, self.scalar(field))

    def submessage(self, field, depth):
        message = self.message(field.message_type._concrete_class, depth + 1)
        if field.message_type.full_name == "google.protobuf.Timestamp" and self.random.random() < 0.5:
            # Near the present, but never so near that the clock decides.
            message.seconds = int(time.time()) + self.random.choice([-7200, -1800, 1800, 7200])
            message.nanos = self.random.choice([0, 999_999_999])
        return message

    def scalar(self, field):
        kind = field.type
        if kind == Field.TYPE_STRING:
            return self.random.choice(TEXTS)
        if kind == Field.TYPE_BYTES:
            return self.random.choice(BLOBS)
        if kind in (Field.TYPE_FLOAT, Field.TYPE_DOUBLE):
            return self.random.choice(REALS)
        if kind == Field.TYPE_BOOL:
            return self.random.random() < 0.5
        if kind == Field.TYPE_ENUM:
            return self.random.choice([0, 0, 1, 2, 3, 5, 9, -1])
        low, high = RANGES[field.cpp_type]
        pool = SMALL if self.random.random() < 0.6 else EDGES
        return self.random.choice([number for number in pool if low <= number <= high])


RANGES = {
    Field.CPPTYPE_INT32: (-2**31, 2**31 - 1), Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_INT64: (-2**63, 2**63 - 1), Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}
KINDS = [
    "Presence", "Ignoring", "Strings", "Formats", "Blobs", "Numbers", "Reals", "Enums", "Lists", "Maps", "WellKnown",
    "Wrappers", "Oneofs", "Exclusive", "Outer", "Recursive", "Plain",
]


@pytest.mark.parametrize("kind", KINDS)
def test_random_messages(contract, kind):
    maker = Maker(seed=kind)
    messages = [maker.message(getattr(contract, kind)) for _ in range(MESSAGES)]
    right, wrong = agree([getattr(contract, kind)()] + messages)
    assert (wrong > 0) == (kind != "Plain")


# Each value alone in a message without other faults, so that rightness is reached too.

def fault_free(contract, kind):
    """A message that breaks no rule, from where single fields are changed."""
    maker = Maker(seed=kind)
    message = getattr(contract, kind)()
    for _ in range(60):
        judged = theirs(message)
        if judged == []:
            return message
        for name in {field.split(".")[0].split("[")[0] for _, _, field in judged or []}:
            field = message.DESCRIPTOR.fields_by_name.get(name)
            if not field:
                continue
            best = message
            for _ in range(200):
                changed = getattr(contract, kind)()
                changed.CopyFrom(message)
                changed.ClearField(name)
                maker.fill(changed, field, 0)
                found = theirs(changed)
                if found is not None and len(found) < len(theirs(best) or judged):
                    best = changed
            message = best
    raise AssertionError(f"{kind}: nothing is free of faults: {judged}")


@pytest.mark.parametrize("kind", ["Presence", "Ignoring", "Enums", "Lists", "Maps", "WellKnown", "Wrappers"])
def test_single_faults(contract, kind):
    maker = Maker(seed=kind)
    base = fault_free(contract, kind)
    messages = [base]
    for field in base.DESCRIPTOR.fields:
        for _ in range(MESSAGES // 8):
            changed = type(base)()
            changed.CopyFrom(base)
            changed.ClearField(field.name)
            if maker.random.random() < 0.95:
                maker.fill(changed, field, 0)
            messages.append(changed)
    right, wrong = agree(messages)
    assert right > 0 and wrong > 0


# Formats: texts at the edges of each, and what random changes make of them.

LABEL = "a" * 63
FORMATS = {
    "email": ["a@b", "a.b+c@d-e.f", "!#$%&'*+/=?^_`{|}~-@x", "a@-b", "a@b-", "a@b..c", "a@b.", "@b", "a@", "a@b@c", "é@b", "a@é",
              f"a@{LABEL}", f"a@{LABEL}a", ".@b", "a b@c", "a@b\n", '"a"@b'],
    "hostname": ["a", "a.b", "a.b.", "a..b", ".", ".a", "-a", "a-", "a-b", "1.a", "a.1", "1", "1a", "a_b", LABEL, LABEL + "a",
                 ".".join([LABEL] * 3 + ["a" * 61]), ".".join([LABEL] * 3 + ["a" * 61]) + ".",
                 ".".join([LABEL] * 3 + ["a" * 62]), "é.a", "A.Z"],
    "ipv4": ["0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "1.2.3.", "1..3.4",
             "0x1.2.3.4", "1.2.3.1000"],
    "ipv6": ["::", "::1", "1::", "1::2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7", ":::",
             "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
             "1:2:3:4::6:7:8:9", "1.2.3.4::", "::1.2.3.4:1", "::1.2.3", "::01.2.3.4", "fe80::1%eth0", "fe80::1%", "fe80::1%a%b",
             "fe80::1%\0", "%eth0", ":1", "1:", "::%é", "[::1]", "0001::", "00001::", "1:2:3:4:5:6:7::8", "::1.2.3.4%x"],
    "uri": ["a:", "http://a", "http://a/b?c#d", "HTTP://A", "a:b", "a:/b", "a://", "a:///", "1a:b", "a+-.1:b", "://a", "a",
            "http://u:p@h:80/", "http://u@v@h", "http://h:", "http://h:x", "http://h:1:2", "http://[::1]", "http://[::1]:80",
            "http://[::1]x", "http://[::1", "http://[1.2.3.4]", "http://[v1.a:b]", "http://[V1.a]", "http://[v1.]", "http://[v.a]",
            "http://[vz.a]", "http://[fe80::1%25eth0]", "http://[fe80::1%25]", "http://[fe80::1%eth0]", "http://[::1%25%41]",
            "http://[::1%25%ff]", "http://[::1%25a:b]", "http://[v1.a%25b]", "http://[v1.%41]", "http://%41", "http://%ff",
            "http://%c3%a9", "http://%4", "http://a/%ff", "http://a/%zz", "http://a/b c", "http://a/é", "http://a?b?c", "http://a#b#c",
            "http://a/[", "http://a?[", "a:?b", "a:#b", "http://a//b", "a:b:c", "http://a;b", "http://a\\b", "urn:x:y", "a:%",
            "http:///%ff", "http://1.2.3.4", "http://999.1.1.1", "http://@", "http://:@:", "http://a\n", "//a", "/", "a/b:c",
            "a:b/c", "./a:b", "?", "#", "?a#b", "%41", "%4", ":", ":a", "1:a", "//[::1]:1", "//a:b", "a@b", "..", "", "//"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-42661417400F", "123e4567e89b12d3a456426614174000",
             "123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-4266141740000", "g23e4567-e89b-12d3-a456-426614174000"],
    "ulid": ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
             "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FA"],
    "prefix": ["0.0.0.0/0", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.0/24", "1.2.3.4/24", "1.2.3.4/", "1.2.3.4", "1.2.3.4/08", "/8",
               "1.2.3.4/+8", "128.0.0.0/1", "::/0", "::1/128", "::1/127", "2001:db8::/32", "2001:db8::1/32", "::/129", "::1%a/64",
               "::1/64%a", "::1/00", "1.2.3.0/24/1", "8000::/1", "::1.2.3.4/128", "::/ 1"],
    "host_and_port": ["a:1", "a:", "a", ":1", "a:0", "a:00", "a:01", "a:65535", "a:65536", "a:99999999999999999999", "1.2.3.4:5",
                      "[::1]:2", "[::1]", "::1:2", "[::1]:", "[a]:1", "[1.2.3.4]:1", "[::1%x]:1", "[::1]]:1", "[[::1]:1", "a:b:1",
                      "a.:1", "256.1.1.1:1", "a:+1", "[]:1", "[::1]a:1", "[::1]1"],
    "name": ["a", "a.b", "_a._b", "a1", "1a", "a.1", "a.", ".a", ".a.b", "..a", ".", "a..b", "a-b", "é", "A.Z_9"],
    "header": ["Content-Type", ":authority", "::a", ":", "a b", "a\tb", "a,b", "a(b", "a/b", "a\x7fb", "a\nb", "a\rb", "a\0b", "é",
               "!#$%&'*+-.^_|~`", "\t", "a:b", "[", "@", '"'],
}


def test_formats(contract):
    generator = random.Random("formats")
    texts = [""] + TEXTS + [text for group in FORMATS.values() for text in group]
    alphabet = "".join(sorted(set("".join(texts)))) + "0123456789abcdefABCDEF:./%[]@#?-"

    def changed(text):
        for _ in range(generator.choice([0, 0, 1, 1, 2])):
            place = generator.randrange(len(text) + 1)
            text = text[:place] + generator.choice(["", generator.choice(alphabet)]) + text[place + generator.randrange(2):]
        return text

    fields = contract.Formats.DESCRIPTOR.fields
    messages = [contract.Formats(**{field.name: text for field in fields}) for text in texts]
    messages += [contract.Formats(**{field.name: changed(generator.choice(texts)) for field in fields})
                 for _ in range(MESSAGES * 8)]
    agree(messages)
    # Every format is met and missed.
    missed = [{rule.split("string.")[1].removesuffix("_empty") for rule, _, field in found} for found in ours(messages)]
    for field in fields[:-1]:
        name = field.name.removeprefix("loose_").replace("header_", "well_known_regex.header_")
        assert any(name in found for found in missed) and any(name not in found for found in missed), field.name


# Patterns: RE2, which protovalidate runs, decides what is one and what it matches.

PATTERNS = [
    "", "a", "^a$", "a|b", "^a|b$", "^(a|b)$", "a*", "^a*$", "^a+b?$", "^(ab)*$", "^(?:a|ab)(?:c|bcd)$", "^a{2}$", "^a{2,}$",
    "^a{1,3}$", "^a{0}$", "a{", "a{,3}", "^a{1$", "a{2,1}", "a{1001}", "(a{100}){11}", "a**", "a*?", "^a+?$", "a?*", "*a", "+", "?",
    "(", ")", "()", "(|a)", "^(a*)*$", "^(a|)+$", "^.$", "^.*$", "(?s)^.$", "(?m)^b$", "(?i)abc", "(?i:K)s", "(?i)[^k]", "(?i)\\w",
    "(?-i)a", "(?i)a(?-i)b", "(?i-s:a)", "(?)a", "(?U)a+", "(?x)a", "(?P<n>a)", "(?<n>a)", "(?P<n>a)(?P<n>b)", "(?P<1>a)", "(?P=n)",
    "(?=a)", "(?!a)", "(?<=a)", "(?>a)", "\\d", "^\\D$", "\\s", "\\S", "\\w", "^\\W$", "\\bfoo\\b", "\\Bo", "\\Aa", "a\\z", "a\\Z",
    "\\pL", "^\\p{Lu}+$", "\\P{L}", "\\p{^L}", "\\pZ", "\\p{Nd}", "\\p{Any}", "\\p{Xx}", "\\p", "\\p{", "\\x41", "\\x{1D11E}",
    "\\x4", "\\x{110000}", "\\x{}", "\\0", "\\1", "\\12", "\\101", "\\8", "\\a", "\\e", "\\n", "\\_", "\\-", "\\.", "\\", "\\Q.+\\E", "\\Qa",
    "\\Qab\\E+", "\\E", "[abc]", "[^abc]", "^[^a]$", "[a-c]", "[c-a]", "[]a]", "[^]a]", "[a", "[a-]", "[-a]", "[a-c-e]", "[a\\-c]", "[\\d-z]",
    "[a-\\d]", "[\\]]", "[[:alpha:]]", "[[:^alpha:]]", "[[:foo:]]", "[:alpha:]", "[[:alpha:]-z]", "[[]", "[[a]]", "[\\pL\\d]", "[^\\W]", "[\\x41-\\x43]",
    "[\\b]", "[é-ü]", "^é$", "a.c", "a\nc", "^$", "$^", "a$b", "a^b", "(^a)+", "^*", "$?", "(?m)$", "(a|b)*abb$", "x*y+z?", "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^[A-Z]{3}$", "^[0-9A-HJ-NPQRTUWXY]{18}$", "{", "}", "]", "a}", "{1}", "a{1}{2}", "a|*", "(*a)", "|", "a||b", "[\\s\\S]", "[^\\s\\S]", "\\C",
    "(?i)é", "(?i)ß", "\\p{Greek}", "a{01}", "a{1,02}", "((((a))))", "(?i)(?i)a", "[a-z&&[^b]]", "\\ ", "\\é", "a\\",
]
PATTERN_TEXTS = [
    "", "a", "b", "ab", "abb", "aa", "aaa", "aaaa", "abc", "ABC", "abcd", "A", "k", "K", "\u212a", "s", "\u017f", "_", "-", ".", ".+", "é",
    "É", "ü", "\n", "a\n", "\nb\n", "a\nb", "foo", "a foo b", "xfoo", "foo1", "éfoo", "1", "\u0663", " ", "\t", "\v", "\u00a0", "c", "d", "e",
    "\0", "8", "\x08", "\x07", "]", "[", "a]", "{", "}", "a{", "{1}", "a{,3}", "a{1", "𝄞", "日本", "z", "Z", "9", "aB", "aaaaaaaaaaaaaaaaaaaaaaaa!",
    "914403001922038216", "CNY", "\\", ":", "ΑΒΓ", "\x7f", "\u2028", "a-c", "x", "xyz", "cab", "A\nC", "a\nc", "-z", "ß", "ss", "&", "b]",
]
# Where we refuse what RE2 takes, and the generator says so: other scripts' names, cases beyond ASCII, single bytes.
REFUSED_HERE = {"\\C", "(?i)é", "(?i)ß", "\\p{Greek}"}


def judge(pattern):
    """What protovalidate says of each text under a contract with one pattern; None where the pattern is none."""
    from buf.validate import validate_pb2
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    file = descriptor_pb2.FileDescriptorProto(
        name="one.proto", package="one", syntax="proto3", dependency=["buf/validate/validate.proto"])
    field = file.message_type.add(name="One").field.add(
        name="text", number=1, label=Field.LABEL_OPTIONAL, type=Field.TYPE_STRING)
    field.options.Extensions[validate_pb2.field].string.pattern = pattern
    pool = descriptor_pool.DescriptorPool()
    for needed in (descriptor_pb2.DESCRIPTOR, *validate_pb2.DESCRIPTOR.dependencies, validate_pb2.DESCRIPTOR):
        pool.AddSerializedFile(needed.serialized_pb)
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("one.One"))
    validator = protovalidate.Validator()
    try:
        return [not validator.collect_violations(kind(text=text)) for text in PATTERN_TEXTS]
    except protovalidate.CompilationError:
        return None


def test_patterns():
    queries = [(pattern, text) for pattern in PATTERNS for text in PATTERN_TEXTS]
    request = b"".join(
        struct.pack(f">I{len(name)}sI{len(body)}s", len(name), name, len(body), body)
        for name, body in ((b"pattern " + pattern.encode(), text.encode()) for pattern, text in queries))
    answer = subprocess.run([BINARIES / "rules-check"], input=request, capture_output=True, check=True, timeout=300)
    answers = answer.stdout.decode().split("\n\n")
    disagreements = []
    for number, pattern in enumerate(PATTERNS):
        mine = answers[number * len(PATTERN_TEXTS):(number + 1) * len(PATTERN_TEXTS)]
        expected = judge(pattern)
        if expected is None or pattern in REFUSED_HERE:
            expected = ["refused"] * len(PATTERN_TEXTS)
        else:
            expected = ["match" if matches else "no match" for matches in expected]
        disagreements += [(pattern, text, one, other) for text, one, other in zip(PATTERN_TEXTS, mine, expected) if one != other]
    assert not disagreements, {pattern for pattern, *_ in disagreements}
