#!/usr/bin/env python3
"""Makes types.tsv, segments.tsv, structures.tsv, events.tsv and tables.tsv of this folder. Run by hand, never by the build:

    ./generate.py FOLDER

FOLDER holds what hl7apy and HAPI know of the versions, one row per version and definition, tab separated with a heading:
hl7apy_types.tsv, hl7apy_segments.tsv, hl7apy_messages.tsv, hl7apy_tables.tsv and events.tsv; and tables.tsv, the tables of
hl7-dictionary. README.md says where they come from.
"""
import collections, csv, pathlib, re, sys

VERSIONS = '2.1 2.2 2.3 2.3.1 2.4 2.5 2.5.1 2.6 2.7 2.8 2.8.1 2.8.2'.split()
FAMILY = {'CE': 'CWE', 'CNE': 'CWE', 'CF': 'CWE', 'TS': 'DTM', 'CN': 'XCN'}
PRIMITIVE = {'DTM'}                      # although TS had a second component
WITHDRAWN = {'WD', 'wd', '', '-'}
SOURCE = 'from crs4/hl7apy (MIT), checked against npm hl7-dictionary (MIT)'
SMALL = set('a an and at by for from in of on or per the to with'.split())
CAPITALS = set('HL7 ID SSN DRG UB HMO NDC CPT ICD DNR OID ACK'.split())

# Answers that HAPI's event maps leave out, by HL7's table 0354.
ANSWERS = {'MFK_M01': 'M02 M03 M04 M05 M06 M07 M08 M09 M10 M11 M12 M13 M14 M15 M16 M17 M18', 'RPA_I08': 'I09 I10 I11', 'RRI_I12': 'I13 I14 I15',
           'SRR_S01': 'S02 S03 S04 S05 S06 S07 S08 S09 S10 S11'}


def rows(folder, name):
    with open(folder / name, encoding='utf-8') as file:
        yield from csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE)


def bit(version):
    return 1 << VERSIONS.index(version)


def title(text):
    words = text.split()
    return ' '.join(w if w in CAPITALS else w.lower() if i and w.lower() in SMALL else w.capitalize()
                    for i, w in enumerate(words))


def family(name):
    return FAMILY.get(name, name)


def steady(required, known):
    """The versions of `required` that can be believed. The sources also mark fields that are conditional as required, in a version
    here and there; a real requirement begins or ends with a version, so it is the first or the last run of those that know the field."""
    order = [bit(v) for v in VERSIONS if known & bit(v)]
    kept = 0
    for run in (order, order[::-1]):
        length = next((i for i, one in enumerate(run) if not required & one), len(run))
        if length > 1 or length == len(run): kept |= sum(run[:length])
    return kept


class Definition:
    """A field or component over all versions."""

    def __init__(self):
        self.types, self.tables, self.name = [], [], ''
        self.known = self.required = self.optional = self.repeating = 0
        self.spelled = {}                # type as spelled → versions
        self.most = []                   # how often it may stand, where it repeats

    def add(self, version, row, kind):
        if kind in WITHDRAWN and row['max'] == '0':
            return
        self.known |= bit(version)
        if int(row['min']) > 0: self.required |= bit(version)
        else: self.optional |= bit(version)          # of a family's types, one requires it and another does not
        if row['max'] != '1':
            self.repeating |= bit(version)
            self.most.append(int(row['max']))
        if kind not in WITHDRAWN:
            self.types.append(kind)
            self.spelled[kind] = self.spelled.get(kind, 0) | bit(version)
        if row['table']: self.tables.append(row['table'].removeprefix('HL7'))
        if row['name']: self.name = title(row['name'])

    def widest(self, composites):
        """The newest composite type (a proper one before the nameless CM of old versions), else the newest."""
        def rank(at):
            name = family(self.types[at])
            return (name == 'varies', name in composites, not name.startswith('CM'), at)
        return family(self.types[max(range(len(self.types)), key=rank)]) if self.types else 'ST'

    def line(self, number, composites):
        widest = self.widest(composites)
        spelled = ' '.join(f'{kind}:{versions:x}' for kind, versions in self.spelled.items())
        limit = max(self.most, default=0)            # older versions that only say "repeats" mean the same fields
        return '\t'.join([str(number), widest, ' '.join(dict.fromkeys(reversed(self.tables))), f'{self.known:x}',
                          f'{steady(self.required & ~self.optional, self.known):x}', f'{self.repeating:x}', str(limit) if limit > 1 else '',
                          '' if list(self.spelled) == [widest] else spelled, self.name])


def definitions(folder, file, owner, number, kind, rename=lambda name: name):
    found = collections.defaultdict(lambda: collections.defaultdict(Definition))
    by_version = sorted(rows(folder, file), key=lambda r: VERSIONS.index(r['version']))
    for row in by_version:
        found[rename(row[owner])][int(row[number])].add(row['version'], row, row[kind])
    return found


def write_definitions(path, heading, owners, composites, others):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(heading)
        for name in sorted(set(owners) | others):
            out.write(name + '\n')
            fields = owners.get(name, {})
            for number in range(1, max(fields, default=0) + 1):
                out.write(fields.get(number, Definition()).line(number, composites) + '\n')


class Item:
    """A segment or group of a structure, with the versions that know, require and repeat it."""

    def __init__(self, name, group, parent):
        self.name, self.group, self.parent, self.children = name, group, parent, []
        self.known = self.required = self.repeating = 0
        self.lowest = self.most = 1      # in the version being merged
        self.choice = False              # one of several, of which none is required

    def leaves(self):
        for child in self.children:
            if child.group: yield from child.leaves()
            else: yield child

    def above(self):
        at, found = self, []
        while at: found.append(at); at = at.parent
        return found

    def path(self):
        return '.'.join(i.name for i in reversed(self.above()[:-1]))


def tree(version_rows, version):
    root = Item('', True, None)
    groups = {'': root}
    for row in version_rows:
        above, _, name = row['path'].rpartition('.')
        if name == 'ANYHL7SEGMENT': continue
        if name == 'CHOICE':             # "one of these" is no group of the standard: its members stand in the group around it
            groups[row['path']] = groups[above]
            continue
        item = Item(name, row['kind'] == 'group', groups[above])
        item.lowest, item.most = int(row['min']), int(row['max'])
        item.choice = above.endswith('CHOICE')
        groups[above].children.append(item)
        if item.group: groups[row['path']] = item
    return root


def align(old, new):
    """Pairs of leaves, in order, of the best common sequence; a like-named group makes a pair better."""
    a, b = list(old.leaves()), list(new.leaves())
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    def worth(x, y):
        if x.name != y.name: return 0.0
        return 1 + 0.4 * (x.parent.name == y.parent.name) + 0.2 * (x.path() == y.path())
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            w = worth(a[i], b[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], w + best[i + 1][j + 1] if w else 0)
    pairs, i, j = {}, 0, 0
    while i < len(a) and j < len(b):
        w = worth(a[i], b[j])
        if w and best[i][j] == w + best[i + 1][j + 1]: pairs[a[i]] = b[j]; i += 1; j += 1
        elif best[i][j] == best[i + 1][j]: i += 1
        else: j += 1
    return pairs


def common(items):
    shared = None
    for item in items:
        line = item.parent.above()
        shared = line if shared is None else [g for g in shared if g in line]
    return shared[0]


def merge(new, old, version):
    """Marks in `new` what `old` (the tree of one older version) has, and puts in what only `old` has."""
    pairs = align(old, new)
    groups, taken = {old: new}, set(pairs.values())
    def place(group):                    # old groups → groups of new
        for child in group.children:
            if not child.group: continue
            met = [pairs[l] for l in child.children if l in pairs] or [pairs[l] for l in child.leaves() if l in pairs]
            if met:
                at = common(met)
                if at is not new: groups[child] = at
            place(child)
    place(old)
    last = None                          # the item of `new` that stands for the leaf before
    def put(item, parent):
        nonlocal last
        copy = Item(item.name, item.group, parent)
        here = next((i for i in last.above() if i.parent is parent), None) if last else None
        parent.children.insert(parent.children.index(here) + 1 if here else 0, copy)
        taken.add(copy)
        return copy
    def moved(child, parent):            # in this version it only stands elsewhere in the same group
        return next((i for i in parent.children if i.name == child.name and i not in taken), None)
    def walk(group, at):
        nonlocal last
        for child in group.children:
            if child.group:
                if not any(child.leaves()): continue
                there = groups.get(child)
                if there is None:
                    if any(l in pairs for l in child.leaves()): there = at      # flat in newer versions
                    else: there = put(child, at)
                if there is not at: mark(there, child, at)
                walk(child, there)
            else:
                there = pairs.get(child) or moved(child, at) or put(child, at)
                mark(there, child, at)
                taken.add(there)
                last = there
    def mark(there, child, at):
        for item in there.above(): item.known |= bit(version)
        there.choice |= child.choice
        if child.lowest > 0 and there.parent is at: there.required |= bit(version)
        if child.most != 1:
            inner = []
            for item in there.above():
                if item is at: break
                inner.append(item)
            repeating = next((i for i in inner if i.repeating), there)
            repeating.repeating |= bit(version)
    walk(old, new)


def structures(folder, events):
    trees = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows(folder, 'hl7apy_messages.tsv'):
        trees[row['message']][row['version']].append(row)
    newest = {m: max(map(VERSIONS.index, t)) for m, t in trees.items()}
    # A structure that only the oldest versions knew, of an event that a later version gives another structure: A04, A08 …
    # and those of appointments, which hl7apy gives a name for each event: one grammar.
    def shape(message):
        rows_of = trees[message][VERSIONS[newest[message]]]
        return [tuple(v.replace(message, '') for k, v in row.items() if k not in ('message', 'version')) for row in rows_of]
    known_as = {m: events[m] for m in trees if events.get(m, m) != m and events[m] in trees
                and (newest[m] <= VERSIONS.index('2.2') or (m[:3] == events[m][:3] == 'SIU' and shape(m) == shape(events[m])))}
    merged = {}
    for message in sorted(trees):
        if message in known_as: continue
        sources = [(v, message) for v in trees[message]]
        sources += [(v, m) for m, target in known_as.items() if target == message for v in trees[m]]
        sources.sort(key=lambda s: (-VERSIONS.index(s[0]), s[1] != message))
        root = Item(message, True, None)
        for version, name in sources:
            old = tree(trees[name][version], version)
            merge(root, old, version)
            root.known |= bit(version)
        merged[message] = root
    return merged


# What a query's answer holds is for the profile to say, and the sources know only the table of 2.5. The immunization registries'
# profile (CDC, after HL7 2.5.1: Z31, Z32, Z42) answers with what a VXU_V04 says of a person, once per candidate.
def immunization_history(merged):
    answer, reported = merged['RSP_K11'], merged['VXU_V04']
    person = Item('QUERY_RESPONSE', True, answer)
    person.known = person.repeating = answer.known
    wanted = [i for i in reported.children if i.name in ('PID', 'PD1', 'NK1', 'PATIENT_VISIT', 'ORDER')]
    def copy(item, parent):
        twin = Item(item.name, item.group, parent)
        twin.known, twin.required, twin.repeating = (v & answer.known for v in (item.known, item.required, item.repeating))
        twin.children = [copy(child, twin) for child in item.children]
        return twin
    person.children = [copy(item, person) for item in wanted]
    answer.children.insert([i.name for i in answer.children].index('DSC'), person)


# What senders put into an ORM_O01 although no version gives it a place: the newer order messages have it there. No version knows these.
def orders_of_practice(merged):
    order = merged['ORM_O01']
    def put(path, name, behind):
        group = order
        for step in path: group = next(i for i in group.children if i.name == step)
        item = Item(name, False, group)
        item.known, item.required, item.repeating = 0, 0, order.known
        group.children.insert([i.name for i in group.children].index(behind) + 1, item)
    put(['PATIENT'], 'NK1', 'PD1')
    put(['PATIENT'], 'PRT', 'NK1')
    put(['PATIENT', 'PATIENT_VISIT'], 'PRT', 'PV2')
    put(['ORDER'], 'TQ1', 'ORC')
    put(['ORDER'], 'PRT', 'ORC')
    put(['ORDER', 'ORDER_DETAIL'], 'PRT', 'NTE')
    put(['ORDER', 'ORDER_DETAIL'], 'SPM', 'OBSERVATION')


def write_structures(path, merged):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(f'# Message structures of HL7 v2, all versions merged, {SOURCE}; made by generate.py, see README.md\n'
                  '# depth, segment or group (ends with a colon), versions (hexadecimal sets) that know, require, repeat it\n')
        def walk(item, depth):
            for child in item.children:
                # Nobody must write a note; the sources say {NTE} where a group could not begin otherwise.
                required = 0 if child.choice or child.name == 'NTE' else child.required
                out.write(f"{depth}\t{child.name}{':' if child.group else ''}\t{child.known:x}\t{required:x}\t{child.repeating:x}\n")
                walk(child, depth + 1)
        for name, root in merged.items():
            out.write(f'{name}\t{root.known:x}\n')
            walk(root, 1)


# Tables that others keep or that are open by their nature: coding systems, countries, assigning authorities, and what MSH-9
# and MSH-12 say.
OPEN = set('0003 0076 0104 0354 0363 0396 0399'.split())


def tables(folder):
    """Tables that a coded primitive (ID, IS) names: {table: (is it HL7's own, codes)}."""
    kinds, codes = collections.defaultdict(set), collections.defaultdict(dict)
    for file, column in ('hl7apy_types.tsv', 'ctype'), ('hl7apy_segments.tsv', 'type'):
        for row in rows(folder, file):
            if row['version'] in ('2.1', '2.2') and row[column] == 'ID': kinds[row['table']]   # ID meant both then
            elif row[column] in ('ID', 'IS'): kinds[row['table']].add(row[column])
    for row in rows(folder, 'hl7apy_tables.tsv'): codes[row['table'].removeprefix('HL7')][row['code'].strip()] = True
    for row in rows(folder, 'tables.tsv'): codes[row['table'].zfill(4)][row['code'].strip()] = True
    found = {}
    for name, used in kinds.items():
        table = name.removeprefix('HL7')
        own = [code for code in sorted(codes.get(table, ())) if re.fullmatch(r'[^\s,.]+', code)]
        if own and table not in OPEN: found[table] = (used == {'ID'}, own)
    return found


def write_tables(path, found):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(f'# Tables of HL7 v2 that coded primitives (ID, IS) name, all versions together, {SOURCE}; made by generate.py, see README.md\n'
                  '# table, who defines it (HL7 or user), codes\n')
        for table in sorted(found):
            by_hl7, codes = found[table]
            out.write(f"{table}\t{'HL7' if by_hl7 else 'user'}\t{' '.join(codes)}\n")


def main():
    folder, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
    types = definitions(folder, 'hl7apy_types.tsv', 'type', 'component', 'ctype', family)
    segments = definitions(folder, 'hl7apy_segments.tsv', 'segment', 'field', 'type')
    for number in range(4, 13): segments['QPD'][number] = segments['QPD'][3]      # "user parameters in successive fields"
    composites = set(types) - PRIMITIVE
    used = {d.widest(composites) for owner in (*types.values(), *segments.values()) for d in owner.values()} | {'ST'}
    by_event, latest = collections.defaultdict(lambda: collections.defaultdict(int)), {}
    for row in sorted(rows(folder, 'events.tsv'), key=lambda r: VERSIONS.index(r['version'])):
        if row['structure'] == '?': continue
        by_event[row['message_event']][row['structure']] |= bit(row['version'])
        if row['version'] == '2.8.1': by_event[row['message_event']][row['structure']] |= bit('2.8.2')
        latest[row['message_event']] = row['structure']
    for structure, events in ANSWERS.items():
        for name in (structure[:4] + event for event in events.split()):
            by_event[name][structure] = sum(bit(v) for v in VERSIONS[2:])
            latest[name] = structure
    merged = structures(folder, latest)
    immunization_history(merged)
    orders_of_practice(merged)
    columns = '# number, widest type, table, versions (hexadecimal sets) that know, require, repeat it, most repetitions, types as spelled, name\n'
    write_definitions(here / 'types.tsv', f'# Data types of HL7 v2 and their components, {SOURCE}; made by generate.py, see README.md\n'
                      + columns, types, composites, used)
    write_definitions(here / 'segments.tsv', f'# Segments of HL7 v2 and their fields, {SOURCE}; made by generate.py, see README.md\n'
                      + columns, segments, composites, {leaf.name for root in merged.values() for leaf in root.leaves()})
    write_structures(here / 'structures.tsv', merged)
    write_tables(here / 'tables.tsv', tables(folder))
    with open(here / 'events.tsv', 'w', encoding='utf-8') as out:
        out.write('# Event → message structure, by version, from HAPI\'s event maps; made by generate.py, see README.md\n'
                  '# code_event, structure, versions (hexadecimal set)\n')
        for event in sorted(by_event):
            for structure, versions in sorted(by_event[event].items()):
                if structure in merged: out.write(f'{event}\t{structure}\t{versions:x}\n')


main()
