#!/usr/bin/env python3
"""Writes the code tables of this folder from HL7's v2-to-FHIR guide. Run by hand; the tables are what ships.

  generate.py REFERENCE              writes
  generate.py --tables REFERENCE     says which of the guide's table maps are here; exit 1 if one is missing
     REFERENCE/v2_to_fhir/rows.tsv             the guide as rows (level `table`), HL7/v2-to-fhir, Apache-2.0
     REFERENCE/terminology/coding_systems.tsv  table 0396 and others: name, URI, OID (LinuxForHealth, Apache-2.0)
     REFERENCE/terminology/v2_tables.tsv       table number, URI (HL7 terminology, CC0)
     REFERENCE/terminology/v2_codes.tsv        table number, code, display (HL7 terminology, CC0)
     REFERENCE/hl7v2/hl7apy_{segments,types}.tsv  the tables that fields and components name (crs4/hl7apy, MIT)

A source code that the guide lists without a target has no row here: it is a miss, and the rule says what becomes of it.
A target that the guide lists without a source is left out: nothing says which v2 code means it, so a site adds its own.
"""
import csv, os, sys

# our table -> the guide's map
TABLES = {
    'additive': 'AdditivePreservative', 'address-type': 'AddressType[Type]', 'address-use': 'AddressType[Use]',
    'administrative-sex': 'AdministrativeSex', 'admission-type': 'AdmissionType',
    'allergen-category': 'AllergenType[AllergyIntoleranceCategory]',
    'allergen-type': 'AllergenType[AllergyIntoleranceOriginalCategory]',
    'allergy-criticality': 'AllergySeverity[AllergyIntolerance.criticality]',
    'allergy-severity': 'AllergySeverity[AllergyIntolerance.criticality-original]',
    'allergy-type': 'AllergyType', 'appointment-reason': 'AppointmentReasonCodes',
    'appointment-status': 'FillerStatusCodes[Appointment]', 'ambulatory-status': 'AmbulatoryStatus', 'bed-status': 'BedStatus', 'body-site': 'BodySite',
    'comment-type': 'CommentType', 'confidentiality': 'ConfidentialityCode', 'contact-role': 'ContactRole', 'degree': 'DegreeLicenseCertificate',
    'diagnosis-type': 'DiagnosisType', 'diagnostic-service': 'DiagnosticServiceSectionID', 'document-confidentiality': 'DocumentConfidentialityStatus',
    'encounter-priority': 'EncounterPriority', 'event-encounter-status': 'Event[EncounterStatus]', 'event-reason': 'EventReason', 'event-timing': 'EventRelatedPeriod',
    'hospital-service': 'HospitalService', 'identifier-type': 'IdentifierType', 'interpretation': 'InterpretationCodes',
    'living-will': 'LivingWillCode', 'marital-status': 'MaritalStatus', 'mode-of-arrival': 'ModeOfArrivalCode',
    'name-assembly-order': 'NameAssemblyOrder', 'name-use': 'NameType', 'nature-of-abnormal-test': 'NatureOfAbnormalTesting',
    'observation-status': 'ObservationResultStatusCodesInterpretation',
    'order-control-status': 'OrderControlCode[ServiceRequest.status]', 'order-status': 'OrderStatus', 'order-type': 'OrderType', 'participation': 'Participation',
    'patient-class': 'PatientClass[EncounterClass]', 'patient-class-status': 'PatientClass[EncounterStatus]',
    'primary-language': 'PrimaryLanguage', 'processing-id': 'ProcessingID',
    'processing-mode': 'ProcessingMode', 'provider-role': 'ProviderRole', 'readmission': 'ReadmissionIndicator',
    'reaction-severity': 'AllergySeverity[AllergyIntolerance.reaction.severity]', 'relationship': 'Relationship', 'religion': 'Religion',
    'repeat-pattern': 'RepeatPattern', 'report-status': 'ResultStatus[Non-Queries]', 'request-priority': 'ExtendedPriorityCodes',
    'specimen-collection-method': 'SpecimenCollectionMethod', 'specimen-condition': 'SpecimenCondition',
    'specimen-status': 'YesNoIndicator[AvailabilityStatus]', 'specimen-type': 'SpecimenType',
    'telecom-system': 'TelecommunicationEquipmentType', 'telecom-use': 'TelecommunicationUseCode',
    'universal-id-type': 'UniversalIDType', 'yes-no': 'YesNoIndicator',
    'administration-method': 'AdministrationMethod', 'allow-substitution': 'AllowSubstitution', 'body-parts': 'BodyParts',
    'completion-status': 'CompletionStatus', 'route-of-administration': 'RouteOfAdministration',
    'admission-level-of-care': 'AdmissionLevelOfCareCode', 'appointment-type': 'AppointmentTypeCodes', 'country': 'CountryCode', 'event-type': 'EventType',
    'organization-name-type': 'OrganizationalNameType',
    'practitioner-number-type': 'PractitionerIDNumberType', 'preferred-contact': 'PreferredMethodOfContact', 'publicity': 'PublicityCode',
    'segment-action': 'SegmentActionCode', 'specimen-reject-reason': 'SpecimenRejectReason', 'visit-user': 'VisitUserCode',
    # targets without sources: see STANDS_FOR_ITSELF
    'confidentiality-classification': 'ConfidentialityClassification', 'container-type': 'ContainerType', 'diet-type': 'DietType',
    'discharge-disposition': 'DischargeDisposition', 'financial-class': 'FinancialClass', 'message-language': 'PrincipalLanguageOfMessage',
    'organization-unit-type': 'ParticipantOrganizationUnitType', 'specimen-source-site': 'SpecimenSourceSite',
    'duration-unit-of-service': 'TestServiceDefaultDurationUnits', 'vip': 'VIPIndicator',
}
# The guide lists the targets of these and no sources; the tables in v2 are the user's. A code that is spelled like a target means it.
STANDS_FOR_ITSELF = {'confidentiality-classification', 'container-type', 'diet-type', 'discharge-disposition', 'financial-class',
                     'organization-unit-type', 'specimen-source-site', 'duration-unit-of-service', 'vip'}
# the guide has display and code the wrong way round here
SWAPPED = {'confidentiality-classification'}
# maps of the guide that have sources and no target at all
NO_TARGETS = {'MessageStructure'}
ROLE = 'http://terminology.hl7.org/CodeSystem/'
FHIR = 'http://hl7.org/fhir/'

# --- hand decisions: table -> {source code: (system, code, display) or None to take the row out}, each with its reason
OVERRIDES = {
    # `mobile` is a use, no system of R4; the XTN map gives CP the use `mobile` in a rule of its own
    'telecom-system': {'CP': (FHIR + 'contact-point-system', 'phone', 'Phone')},
    # the guide's codes lie in the wrong systems: HIV and PSY are ActCode sensitivities, not Confidentiality levels
    'confidentiality': {'AID': (ROLE + 'v3-ActCode', 'HIV', 'HIV/AIDS information sensitivity'),
                        'HIV': (ROLE + 'v3-ActCode', 'HIV', 'HIV/AIDS information sensitivity'),
                        'PSY': (ROLE + 'v3-ActCode', 'PSY', 'psychiatry disorder information sensitivity')},
    # the guide stops at A13; these events say as plainly what becomes of the visit
    'event-encounter-status': {'A21': (FHIR + 'encounter-status', 'onleave', 'On Leave'),
                               'A23': (FHIR + 'encounter-status', 'entered-in-error', 'Entered in Error'),
                               'A27': (FHIR + 'encounter-status', 'cancelled', 'Cancelled'),
                               'A38': (FHIR + 'encounter-status', 'cancelled', 'Cancelled')},
    # v2 itself and the senders do not write these in capitals only
    'appointment-reason': {spelt: ('http://snomed.info/sct', c, d) for k, c, d in (
        ('Routine', '3780001', 'Routine patient disposition, no follow-up planned'), ('Checkup', '866149003', 'Annual visit (procedure)'),
        ('Followup', '185389009', 'Follow-up visit (procedure)'), ('Emergency', '373110003', 'Emergency procedure (procedure)')) for spelt in (k, k.lower())},
    # the guide has no target for the first two: a stopped series does not take place, an overbooked slot is booked. The others in
    # capitals and small letters, as senders write them
    'appointment-status': {
        'Discontinued': (FHIR + 'appointmentstatus', 'cancelled', 'Cancelled'), 'Overbook': (FHIR + 'appointmentstatus', 'booked', 'Booked'),
        **{spelt: (FHIR + 'appointmentstatus', c, d) for k, c, d in (
            ('Pending', 'pending', 'Pending'), ('Waitlist', 'waitlist', 'Waitlisted'), ('Booked', 'booked', 'Booked'), ('Started', 'checked-in', 'Checked In'),
            ('Complete', 'fulfilled', 'Fulfilled'), ('Cancelled', 'cancelled', 'Cancelled'), ('Discontinued', 'cancelled', 'Cancelled'),
            ('Deleted', 'entered-in-error', 'Entered In Error'), ('Overbook', 'booked', 'Booked'), ('Noshow', 'noshow', 'No Show')) for spelt in (k.upper(), k.lower())}},
    # one row stands for three codes
    'universal-id-type': {'L,M,N': None, 'L': (ROLE + 'v2-0301', 'L', 'Local'), 'M': (ROLE + 'v2-0301', 'M', 'Local'),
                          'N': (ROLE + 'v2-0301', 'N', 'Local')},
    # the guide has no target for these and leaves them open; by R4's definitions: registered, nothing yet (I, O); not done (N);
    # entered but not verified, or only a part (R, S); added to a final one (B); final, however that came about (U, V)
    'observation-status': {k: ('http://hl7.org/fhir/observation-status', c, d) for k, c, d in (
        ('B', 'amended', 'Amended'), ('I', 'registered', 'Registered'), ('N', 'cancelled', 'Cancelled'), ('O', 'registered', 'Registered'),
        ('R', 'preliminary', 'Preliminary'), ('S', 'preliminary', 'Preliminary'), ('U', 'final', 'Final'), ('V', 'final', 'Final'))},
    # likewise: some results there (A), corrected but not final (M), done and no results yet (N)
    'report-status': {k: ('http://hl7.org/fhir/diagnostic-report-status', c, d) for k, c, d in (
        ('A', 'partial', 'Partial'), ('M', 'preliminary', 'Preliminary'), ('N', 'registered', 'Registered'))},
    # R4 binds Timing.repeat.when: these are no codes of its value set
    'event-timing': {k: None for k in ('IC', 'ICM', 'ICD', 'ICV')},
    # table 0112 is the user's; these are its suggested codes, and what the world sends
    'discharge-disposition': {k: (ROLE + 'discharge-disposition', c, d) for k, c, d in (
        ('01', 'home', 'Home'), ('02', 'other-hcf', 'Other healthcare facility'), ('03', 'snf', 'Skilled nursing facility'),
        ('07', 'aadvice', 'Left against advice'), ('20', 'exp', 'Expired'))},
    # the guide has the definition where the code system belongs
    'organization-unit-type': {c: (ROLE + 'organization-type', c, d) for c, d in (
        ('prov', 'Healthcare Provider'), ('dept', 'Hospital Department'), ('team', 'Organizational team'), ('govt', 'Government'), ('ins', 'Insurance Company'),
        ('pay', 'Payer'), ('edu', 'Educational Institute'), ('reli', 'Religious Institution'), ('crs', 'Clinical Research Sponsor'), ('cg', 'Community Group'),
        ('bus', 'Non-Healthcare Business or Corporation'), ('other', 'Other'))},
    # patterns with a number in them are no codes
    'repeat-pattern': {k: None for k in ('Q<integer>S', 'Q<integer>M', 'Q<integer>H', 'Q<integer>D', 'Q<integer>W', 'Q<integer>L',
                                         'Q<integer>J<day#>', 'xID', '"U <spec>"', 'PRNxxx', '"Meal Related Timings"')},
}
# The guide lists the targets of the two language maps (BCP 47) and no sources. Table 0296 is the user's; ISO 639 codes are what it
# is used for: two letters stand for themselves, three letters (both ISO 639-2 forms) for their two, in either case.
LANGUAGES = {'ar': 'ara', 'bn': 'ben', 'cs': 'cze ces', 'da': 'dan', 'de': 'ger deu', 'el': 'gre ell', 'en': 'eng', 'es': 'spa',
             'fi': 'fin', 'fr': 'fre fra', 'fy': 'fry', 'hi': 'hin', 'hr': 'hrv', 'it': 'ita', 'ja': 'jpn', 'ko': 'kor',
             'nl': 'dut nld', 'no': 'nor', 'pa': 'pan', 'pl': 'pol', 'pt': 'por', 'ru': 'rus', 'sr': 'srp', 'sv': 'swe',
             'te': 'tel', 'zh': 'chi zho'}
# Code systems whose URI in the source is another project's view, a page, or an alias: name -> URI (R4's terminologies page).
SID = 'http://hl7.org/fhir/sid/'
CODE_SYSTEMS = {
    'I10': SID + 'icd-10', 'ICD10': SID + 'icd-10', 'ICD-10': SID + 'icd-10',              # WHO's; the American one is I10C
    'I10C': SID + 'icd-10-cm', 'ICD10CM': SID + 'icd-10-cm', 'ICD-10-CM': SID + 'icd-10-cm', '10D': SID + 'icd-10-cm',
    'ICD10PCS': 'http://www.cms.gov/Medicare/Coding/ICD10', 'ICD-10-PCS': 'http://www.cms.gov/Medicare/Coding/ICD10',
    'ICD9': SID + 'icd-9-cm', 'I9CDX': SID + 'icd-9-cm',
    'LOINC': 'http://loinc.org', 'SNOMED-CT': 'http://snomed.info/sct', 'SNOMED': 'http://snomed.info/sct', 'SNOMEDCT': 'http://snomed.info/sct',
    'C4': 'http://www.ama-assn.org/go/cpt', 'CPT': 'http://www.ama-assn.org/go/cpt', 'CPT4': 'http://www.ama-assn.org/go/cpt',
    'RXNORM': 'http://www.nlm.nih.gov/research/umls/rxnorm', 'RxNorm': 'http://www.nlm.nih.gov/research/umls/rxnorm',
    'CDCREC': 'urn:oid:2.16.840.1.113883.6.238',                                            # the URI that US Core uses
    'UCUM': 'http://unitsofmeasure.org', 'SCT2': 'http://snomed.info/sct', 'ICDO3': ROLE + 'icd-o-3', 'WC': 'http://www.whocc.no/atc', 'NDFRT': 'http://hl7.org/fhir/ndfrt',
    'FDAUNII': 'http://fdasis.nlm.nih.gov', 'HCPT': 'http://nucc.org/provider-taxonomy', 'HGNC-Symb': 'http://www.genenames.org', 'USPS': 'https://www.usps.com/',
    'ISO3166_1': 'urn:iso:std:iso:3166', 'ISO3166': 'urn:iso:std:iso:3166', 'ISO3166_2': 'urn:iso:std:iso:3166:-2', 'ISO4217': 'urn:iso:std:iso:4217', 'ISO639': 'urn:ietf:bcp:47', 'MEDIATYPE': 'urn:ietf:bcp:13',
    'ACTCODE': ROLE + 'v3-ActCode', 'ENTITYCODE': ROLE + 'v3-EntityCode', 'ENTITYHDLG': ROLE + 'v3-EntityHandling', 'OBSMETHOD': ROLE + 'v3-ObservationMethod',
    'ROLECLASS': ROLE + 'v3-RoleClass', 'ROLECODE': ROLE + 'v3-RoleCode', 'NULLFL': ROLE + 'v3-NullFlavor', 'PRTCPTNMODE': ROLE + 'v3-ParticipationMode',
    'L': None, 'LB': None, 'ST': None,                                                      # local by definition: the map spells them as urn:id:
}
# naming systems by OID, for assigning authorities
NAMING = {'2.16.840.1.113883.4.1': SID + 'us-ssn', '2.16.840.1.113883.4.6': SID + 'us-npi', '2.16.840.1.113883.4.572': SID + 'us-medicare',
          '2.16.840.1.113883.4.927': SID + 'us-mbi'}

def tsv(path):
    with open(path, encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))

def write(name, head, rows, columns=('source_code', 'target_system', 'target_code', 'target_display')):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name + '.csv'), 'w', encoding='utf-8', newline='') as f:
        for line in head: f.write('# ' + line + '\n')
        w = csv.writer(f, lineterminator='\n'); w.writerow(columns); w.writerows(rows)

def vocabulary(guide):
    by_map = {}
    for r in guide:
        if r['level'] == 'table' and r['kind'] == 'code': by_map.setdefault(r['map'], []).append(r)
    for name, source in TABLES.items():
        rows, decided = {}, OVERRIDES.get(name, {})
        for r in by_map[source]:
            if name in SWAPPED: r = {**r, 'target_path': r['target_type'], 'target_type': r['target_path']}
            code = r['source'].strip() or (name in STANDS_FOR_ITSELF and r['target_path'].strip())
            if code and r['target_path'].strip():
                rows.setdefault(code, (r['vocab_map'].strip().rstrip('/') if 'unitsofmeasure' in r['vocab_map'] else r['vocab_map'].strip(),
                                       r['target_path'].strip(), r['target_type'].strip()))
        for code, row in decided.items():
            if row: rows[code] = row
            else: rows.pop(code, None)
        head = [f'{source}: HL7 v2-to-FHIR guide (HL7/v2-to-fhir, Apache-2.0), written by generate.py']
        if name in STANDS_FOR_ITSELF: head.append('the guide lists no source codes: a code that is spelled like a target means it, see generate.py')
        if name in ('primary-language', 'message-language'):
            shown = {r['target_path'].strip(): r['target_type'].strip() for r in by_map[source]}
            for tag, display in shown.items(): rows[tag] = ('urn:ietf:bcp:47', tag, display)
            for two, three in LANGUAGES.items():
                for c in [two] + three.split():
                    for spelt in (c, c.upper()): rows[spelt] = ('urn:ietf:bcp:47', two, shown[two])
            head.append('the guide lists no source codes: ISO 639 codes are ours, see generate.py')
        elif decided: head.append('rows decided by hand, see generate.py: ' + ' '.join(decided))
        write(name, head, [(c, *r) for c, r in rows.items()])

def systems(folder):
    named = {c['code'] for c in tsv(folder + '/v2_codes.tsv') if c['table'] == '0396'}
    uris, oids = {}, dict(NAMING)
    for r in tsv(folder + '/coding_systems.tsv'):
        name, uri, oid = r['v2_0396_or_table'], r['uri'], r['oid'].replace('urn:oid:', '')
        if name in named and uri.startswith(('http', 'urn:')) and '#' not in uri:
            uris.setdefault(name, uri)
            if oid and name not in CODE_SYSTEMS: oids.setdefault(oid, uri)
        if name.startswith('v2-') and uri == ROLE + name: uris['HL7' + name[3:]] = uri      # R4 has a system also where a table took over another (0078)
    for name, uri in CODE_SYSTEMS.items():
        if uri: uris[name] = uri
        else: uris.pop(name, None)
    for t in tsv(folder + '/v2_tables.tsv'):
        if t['table'].isdigit(): uris['HL7' + t['table']] = t['uri']; oids[t['oid']] = t['uri']
    # R4's rule for v2 tables, for those that HL7's terminology has no page of (0296: its codes are the user's)
    for name in {r['table'] for f in ('segments', 'types') for r in tsv(f'{folder}/../hl7v2/hl7apy_{f}.tsv')}:
        if name.startswith('HL7') and name[3:].isdigit(): uris.setdefault(name, ROLE + 'v2-' + name[3:])
    oids.update({'2.16.840.1.113883.6.1': 'http://loinc.org', '2.16.840.1.113883.6.96': 'http://snomed.info/sct', '2.16.840.1.113883.6.8': 'http://unitsofmeasure.org',
                 '2.16.840.1.113883.6.3': SID + 'icd-10', '2.16.840.1.113883.6.90': SID + 'icd-10-cm', '2.16.840.1.113883.6.42': SID + 'icd-9-cm',
                 '2.16.840.1.113883.6.103': SID + 'icd-9-cm', '2.16.840.1.113883.6.12': 'http://www.ama-assn.org/go/cpt',
                 '2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm', '2.16.840.1.113883.6.59': SID + 'cvx', '2.16.840.1.113883.6.69': SID + 'ndc'})
    licence = 'LinuxForHealth hl7v2-fhir-converter (Apache-2.0), HL7 terminology (CC0); odd ones decided in generate.py'
    write('code-systems', ['name of a coding system in v2 (table 0396, HL7nnnn, usual spellings) -> URI: ' + licence],
          [(n, '', u, '') for n, u in sorted(uris.items()) if n != 'HL7nnnn'])
    write('oid-uri', ['OID -> URI of code systems and naming systems: ' + licence],
          [(o, '', u, '') for o, u in sorted(oids.items()) if o])

def missing(guide):
    """Says of each table map of the guide which file has it; the number of those that none has."""
    files = {v: k for k, v in TABLES.items()}
    maps = sorted({r['map'] for r in guide if r['level'] == 'table'} - NO_TARGETS)
    lost = [m for m in maps if m not in files or not os.path.exists(os.path.join(os.path.dirname(os.path.abspath(__file__)), files[m] + '.csv'))]
    for m in maps: print(f"{m:52} {'-' if m in lost else files[m] + '.csv'}")
    print(f'{len(maps) - len(lost)} of {len(maps)} table maps with targets are here; without any target: ' + ', '.join(sorted(NO_TARGETS)))
    return len(lost)

if __name__ == '__main__':
    if len(sys.argv) == 3 and sys.argv[1] == '--tables': sys.exit(missing(tsv(sys.argv[2] + '/v2_to_fhir/rows.tsv')) > 0)
    if len(sys.argv) != 2: sys.exit(__doc__)
    vocabulary(tsv(sys.argv[1] + '/v2_to_fhir/rows.tsv'))
    systems(sys.argv[1] + '/terminology')
