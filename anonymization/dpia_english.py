"""The draft impact assessment in English: braces take the facts of a release."""

from typing import Final

ENGLISH: Final = """\
# Data protection impact assessment: draft

{test}This draft follows the headings of the method of the CNIL. It is filled from what release `{release_id}` states of
itself, by its last privacy day, {last_day}. It checks nothing: attach the report of `hexaflux audit RELEASE \
--public-key
FILE`. What software cannot know is left blank, as `[to be completed by the controller: ...]`. A draft is no assessment
and no legal advice. `docs/audit-guide.md` explains the measures that are named here, and their limits.

## 1. Context

### 1.1 Overview

| | |
|---|---|
| processing | statistics of presence, attendance and movement from the probe events of a mobile network |
| purposes | [to be completed by the controller: each purpose, and who uses the figures] |
| controller, joint controllers | [to be completed by the controller: name, address, contact] |
| data protection officer | [to be completed by the controller: name, contact] |
| processors | [to be completed by the controller: each one, its task, its contract] |
| standards that apply | [to be completed by the controller: codes of conduct, certifications, recommendations] |
| software | Hexaflux {version}, commit {commit} |
| privacy days published | {days}, from {first_day} to {newest_day} |
| flags of the release | {flags} |

### 1.2 Data, processes and supporting assets

**Data.** Personal data until the figures are formed:

| data | content | source | recipients |
|---|---|---|---|
| probe events | subscriber identifier, time, radio cell, type of event, home country | [to be completed by the \
controller: system] | [to be completed by the controller: accounts] |
| register of subscribers | {register} | [to be completed by the controller: system] | [to be completed by the \
controller: accounts] |
| pseudonymous events, stays, visits, trips | pseudonym of one privacy day, time, cell, attributes | made by the \
software | the account that runs it |
| exact counts before protection | counts by place, window and class | made by the software | the account that runs it |
| day keys | the secret of a privacy day | made by the software or a key service | the account that runs it |

Volume of the last privacy day that is over, in two digits: {events} accepted events, {devices} devices.
What `k` counts: {unit}.

**What is published.** By zone (zones: {zones}; kinds: {kinds}; sensitive zones among them: {sensitive_zones}) and by
hexagon:

{indicators}

Slots are of {slot_minutes} minutes. A privacy day begins at {privacy_day_starts}, {timezone} time.

**Life cycle.**

1. The operator delivers probe events. [to be completed by the controller: how, by whom, from which system]
2. Each event is checked. Identifiers become pseudonyms under the key of the privacy day, in memory. Rows that are not
   used are counted.
3. Pseudonymous events are kept in the working directory until the devices of the day have been followed.
4. Counts are formed, merged to at least the threshold or noised, and rounded.
5. Figures are published once, with a signed manifest. The key of the day is destroyed.
6. Working files are removed. Events of a published day that come later are counted and not used.

**Supporting assets.** [to be completed by the controller: machines, disks and their encryption, accounts, networks, \
place
of hosting, backups, key service]

## 2. Fundamental principles

### 2.1 Proportionality and necessity

| principle | answer |
|---|---|
| purposes are specified, explicit and legitimate | [to be completed by the controller: reasons] |
| legal basis before anonymisation | [to be completed by the controller: basis, and for an operator the case of \
article L.34-1 CPCE] |
| data are adequate, relevant and limited | events carry no number called, no content and no name; a pseudonym lives \
one privacy day; attributes are bands and classes; positions become hexagons. [to be completed by the controller: why \
each input column is needed] |
| data are accurate | positions are estimated and intervals are printed, see `docs/method.md`. [to be completed by \
the controller: quality of cells and register] |
| storage is limited | see the table below |

| store | kept until |
|---|---|
| probe events and register at the operator | [to be completed by the controller: period, and what removes them; the \
software removes neither] |
| pseudonymous events, stays, exact counts in `RELEASE.work` | the privacy day is published; then their files are \
removed |
| day key | the privacy day is published; then it is destroyed |
| places of rejected rows (`dead_letters`), `state.json`, `key_log.jsonl` in `RELEASE.work` | [to be completed by the \
controller: period; the software keeps them] |
| register of publications | as long as anything may be published of these sources |
| logs, crash dumps, swap, backups | [to be completed by the controller: settings of each machine] |
| release | without limit, if it is anonymous |

Privacy numbers of the last privacy day:

| number | value | meaning | source |
|---|---|---|---|
{numbers}

Changes from one published day to the next:

| from day | what | before | after | decision |
|---|---|---|---|---|
{changes}

### 2.2 Rights of the people concerned

| right | answer |
|---|---|
| information | [to be completed by the controller: text, place, date] |
| consent, if it is the basis | [to be completed by the controller: how it is given and withdrawn, or why it is not \
the basis] |
| access and portability | before publication, from the operator's own systems; a pseudonym cannot be looked up \
without the key, and after publication there is no key. [to be completed by the controller: procedure] |
| rectification and erasure | in the operator's systems; a published figure is not changed. [to be completed by the \
controller: procedure] |
| restriction and objection | {objection} |
| processors | [to be completed by the controller: contracts under article 28 GDPR] |
| transfers outside the European Union | [to be completed by the controller: none, or safeguards] |

## 3. Risks

### 3.1 Existing or planned measures

Measures that the release states:

{protection}

Threshold of the last day: {k} {unit}. Base of rounding: {rounding}. Late events: {lateness_minutes} minutes.

Day keys: {made} made, {destroyed} stated destroyed. Longest life: {longest}.

| service | storage | erasure | keys |
|---|---|---|---|
{kept}

Organisational measures: [to be completed by the controller: accounts, access log, four-eyes rule for parameters, \
training,
encryption, backups, supervision of processors]

### 3.2 Illegitimate access to data

| | |
|---|---|
| impacts on people | knowledge of where a person was, when, and with whom; of home, work, health or belief by places |
| sources of risk | an insider with access to the working directory, an intruder, a thief of a disk or a key. [to be \
completed by the controller: others] |
| threats | reading spools or exact counts; copying a day key before it is destroyed; core dumps, swap, snapshots; \
access to the raw events |
| measures | pseudonyms of one day; files of one account (0700, 0600); keys destroyed; working files removed; \
identifiers neither logged nor in errors. [to be completed by the controller: others] |
| severity | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |
| likelihood | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |

### 3.3 Re-identification from what is published

| | |
|---|---|
| impacts on people | as in 3.2, for whoever is told apart |
| singling out | {singling}. [to be completed by the controller: result of the audit] |
| linkability | one key for each privacy day; no figure over several days. [to be completed by the controller: result \
of the audit] |
| inference | {inference}. [to be completed by the controller: result of the audit] |
| what stays | the known limits of the audit guide: threshold crossings, repeated days, background knowledge. [to be \
completed by the controller: which of them matter here, and why they are accepted] |
| severity | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |
| likelihood | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |

### 3.4 Unwanted change of data

| | |
|---|---|
| impacts on people | decisions on wrong figures; weaker protection if a parameter is changed unseen |
| sources of risk | a mistake of the operator, an insider, an intruder, a damaged disk. [to be completed by the \
controller: others] |
| threats | changed inputs, changed parameters, changed files of the release, theft of the signing key |
| measures | signed chain of entries; a hash for each file; parameters in each entry; changes noted by the audit; \
register of publications whose lines are chained. [to be completed by the controller: others] |
| severity | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |
| likelihood | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |

### 3.5 Disappearance of data

| | |
|---|---|
| impacts on people | none to be expected from the loss of the release; the register of publications and of \
objections must not be lost |
| sources of risk | a failing disk, a mistake, an intruder. [to be completed by the controller: others] |
| threats | loss of the register of publications: a day could be published twice; loss of the list of objections |
| measures | backup of the release, the register of publications and the configuration, never of the working \
directory. [to be completed by the controller: others] |
| severity | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |
| likelihood | [to be completed by the controller: negligible, limited, significant, maximum; reasons] |

## 4. Validation

### 4.1 Action plan

| action | who | until | cost | state |
|---|---|---|---|---|
| [to be completed by the controller: each action that a risk above calls for] | | | | |
| next reassessment | [to be completed by the controller: who] | [to be completed by the controller: date, at most a \
year] | | |

### 4.2 Opinions

| of | opinion |
|---|---|
| data protection officer | [to be completed by the controller: opinion, date] |
| people concerned or their representatives | [to be completed by the controller: opinion, or why it was not asked \
for] |
| supervisory authority, if the residual risk is high (article 36 GDPR) | [to be completed by the controller: whether \
asked, answer] |

### 4.3 Decision

[to be completed by the controller: accepted, accepted on conditions or refused; name, date, signature]
"""
