# wrong: pads on the left
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return [0] * (length - len(ids)) + ids


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: does not pad
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: does not cut
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: keeps the end of a long text
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[-length:]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: leaves unknown tokens out
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places[token] for token in tokens[:length] if token in places]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: unknown tokens become 0
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 0) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: pads with 1
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [1] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: decode drops <unk>, too
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index > 1]


# wrong: decode keeps <pad>
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids]


# wrong: decode takes negative ids from the end
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if index >= len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: decode raises an IndexError instead of a ValueError
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    return [vocabulary[index] for index in ids if index != 0]


# wrong, raises: the last id is refused
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary) - 1:
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: no check for empty texts
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: ids counted from 1
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary, start=1)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong, raises: a KeyError at an unknown token
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places[token] for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]


# wrong: decode joins the tokens to a str
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in tokens[:length]]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return " ".join(vocabulary[index] for index in ids if index != 0)


# wrong: each token once
# exercise: 4.2
def encode(tokens, vocabulary, length):
    """Return a list of `length` ids for a list of tokens: cut, or padded with 0 on the right."""
    if len(tokens) == 0:
        raise ValueError("There are no tokens.")
    places = {token: index for index, token in enumerate(vocabulary)}
    ids = [places.get(token, 1) for token in dict.fromkeys(tokens[:length])]
    return ids + [0] * (length - len(ids))


def decode(ids, vocabulary):
    """Return the list of tokens for a list of ids, without <pad>."""
    for index in ids:
        if not 0 <= index < len(vocabulary):
            raise ValueError("No such id.")
    return [vocabulary[index] for index in ids if index != 0]
