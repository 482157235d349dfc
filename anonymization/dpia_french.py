"""The draft impact assessment in French: braces take the facts of a release."""

from typing import Final

FRENCH: Final = """\
# Analyse d’impact relative à la protection des données : projet

{test}Ce projet suit les rubriques de la méthode de la CNIL. Il est rempli d’après ce que la publication `{release_id}`
déclare d’elle-même, à sa dernière journée de confidentialité, le {last_day}. Il ne vérifie rien : joindre le rapport de
`hexaflux audit RELEASE --public-key FILE`. Ce qu’un logiciel ne peut pas savoir est laissé en blanc, sous la forme `[à
compléter par le responsable de traitement : ...]`. Un projet n’est ni une analyse ni un avis juridique.
`docs/audit-guide.fr.md` explique les mesures citées ici et leurs limites.

## 1. Étude du contexte

### 1.1 Vue d’ensemble

| | |
|---|---|
| traitement | statistiques de présence, de fréquentation et de déplacement à partir des événements de sonde d’un \
réseau mobile |
| finalités | [à compléter par le responsable de traitement : chaque finalité, et qui utilise les chiffres] |
| responsable, responsables conjoints | [à compléter par le responsable de traitement : nom, adresse, contact] |
| délégué à la protection des données | [à compléter par le responsable de traitement : nom, contact] |
| sous-traitants | [à compléter par le responsable de traitement : chacun, sa mission, son contrat] |
| référentiels applicables | [à compléter par le responsable de traitement : codes de conduite, certifications, \
recommandations] |
| logiciel | Hexaflux {version}, commit {commit} |
| journées de confidentialité publiées | {days}, du {first_day} au {newest_day} |
| réserves de la publication | {flags} |

### 1.2 Données, processus et supports

**Données.** Données à caractère personnel jusqu’à la formation des chiffres :

| données | contenu | source | destinataires |
|---|---|---|---|
| événements de sonde | identifiant de l’abonné, heure, cellule radio, type d’événement, pays d’origine | [à \
compléter par le responsable de traitement : système] | [à compléter par le responsable de traitement : comptes] |
| fichier des abonnés | {register} | [à compléter par le responsable de traitement : système] | [à compléter par le \
responsable de traitement : comptes] |
| événements, séjours, visites et trajets pseudonymes | pseudonyme d’une journée de confidentialité, heure, cellule, \
attributs | produits par le logiciel | le compte qui l’exécute |
| effectifs exacts avant protection | effectifs par lieu, fenêtre et classe | produits par le logiciel | le compte \
qui l’exécute |
| clés du jour | le secret d’une journée de confidentialité | produites par le logiciel ou un service de clés | le \
compte qui l’exécute |

Volume de la dernière journée close, à deux chiffres significatifs : {events} événements acceptés, {devices} appareils.
Ce que compte `k` : {unit}.

**Ce qui est publié.** Par zone (zones : {zones} ; types : {kinds} ; zones sensibles parmi elles : {sensitive_zones}) et
par hexagone :

{indicators}

Les créneaux sont de {slot_minutes} minutes. Une journée de confidentialité commence à {privacy_day_starts}, heure
{timezone}.

**Cycle de vie.**

1. L’opérateur fournit les événements de sonde. [à compléter par le responsable de traitement : comment, par qui, depuis
   quel système]
2. Chaque événement est contrôlé. Les identifiants deviennent des pseudonymes sous la clé de la journée, en mémoire. Les
   lignes non utilisées sont dénombrées.
3. Les événements pseudonymes restent dans le répertoire de travail jusqu’à ce que les appareils du jour aient été \
suivis.
4. Les effectifs sont formés, regroupés jusqu’au seuil ou bruités, puis arrondis.
5. Les chiffres sont publiés une fois, avec un manifeste signé. La clé du jour est détruite.
6. Les fichiers de travail sont supprimés. Les événements d’une journée publiée qui arrivent ensuite sont dénombrés et
   inutilisés.

**Supports.** [à compléter par le responsable de traitement : machines, disques et leur chiffrement, comptes, \
réseaux, lieu
d’hébergement, sauvegardes, service de clés]

## 2. Étude des principes fondamentaux

### 2.1 Proportionnalité et nécessité

| principe | réponse |
|---|---|
| finalités déterminées, explicites et légitimes | [à compléter par le responsable de traitement : justification] |
| base légale avant l’anonymisation | [à compléter par le responsable de traitement : base et, pour un opérateur, cas \
de l’article L.34-1 du CPCE] |
| données adéquates, pertinentes et limitées | les événements ne portent ni numéro appelé, ni contenu, ni nom ; un \
pseudonyme vit une journée ; les attributs sont des tranches et des classes ; les positions deviennent des hexagones. \
[à compléter par le responsable de traitement : pourquoi chaque colonne d’entrée est nécessaire] |
| données exactes | les positions sont estimées et des intervalles sont imprimés, voir `docs/method.md`. [à compléter \
par le responsable de traitement : qualité des cellules et du fichier] |
| conservation limitée | voir le tableau ci-dessous |

| stockage | conservé jusqu’à |
|---|---|
| événements de sonde et fichier des abonnés chez l’opérateur | [à compléter par le responsable de traitement : \
durée, et ce qui les supprime ; le logiciel ne supprime ni les uns ni l’autre] |
| événements, séjours pseudonymes et effectifs exacts dans `RELEASE.work` | la publication de la journée ; leurs \
fichiers sont alors supprimés |
| clé du jour | la publication de la journée ; elle est alors détruite |
| emplacements des lignes rejetées (`dead_letters`), `state.json`, `key_log.jsonl` dans `RELEASE.work` | [à compléter \
par le responsable de traitement : durée ; le logiciel les garde] |
| registre des publications | tant que ces sources peuvent donner lieu à une publication |
| journaux, vidages mémoire, mémoire d’échange, sauvegardes | [à compléter par le responsable de traitement : \
réglages de chaque machine] |
| publication | sans limite, si elle est anonyme |

Paramètres de confidentialité de la dernière journée :

| paramètre | valeur | sens | source |
|---|---|---|---|
{numbers}

Changements d’une journée publiée à la suivante :

| à partir du | quoi | avant | après | décision |
|---|---|---|---|---|
{changes}

### 2.2 Droits des personnes concernées

| droit | réponse |
|---|---|
| information | [à compléter par le responsable de traitement : texte, lieu, date] |
| consentement, s’il est la base | [à compléter par le responsable de traitement : comment il est donné et retiré, ou \
pourquoi il n’est pas la base] |
| accès et portabilité | avant publication, dans les systèmes de l’opérateur ; sans la clé on ne retrouve pas un \
pseudonyme, et après publication il n’y a plus de clé. [à compléter par le responsable de traitement : procédure] |
| rectification et effacement | dans les systèmes de l’opérateur ; un chiffre publié n’est pas modifié. [à compléter \
par le responsable de traitement : procédure] |
| limitation et opposition | {objection} |
| sous-traitance | [à compléter par le responsable de traitement : contrats au titre de l’article 28 du RGPD] |
| transferts hors de l’Union européenne | [à compléter par le responsable de traitement : aucun, ou garanties] |

## 3. Étude des risques

### 3.1 Mesures existantes ou prévues

Mesures que la publication déclare :

{protection}

Seuil de la dernière journée : {k} {unit}. Base d’arrondi : {rounding}. Événements en retard : {lateness_minutes} \
minutes.

Clés du jour : {made} créées, {destroyed} déclarées détruites. Plus longue vie : {longest}.

| service | stockage | effacement | clés |
|---|---|---|---|
{kept}

Mesures organisationnelles : [à compléter par le responsable de traitement : comptes, journal des accès, double \
validation
des paramètres, formation, chiffrement, sauvegardes, contrôle des sous-traitants]

### 3.2 Accès illégitime à des données

| | |
|---|---|
| impacts sur les personnes | connaissance des lieux et heures où une personne se trouvait, et avec qui ; du \
domicile, du travail, de la santé ou des convictions par les lieux |
| sources de risque | une personne interne ayant accès au répertoire de travail, un intrus, un voleur de disque ou de \
clé. [à compléter par le responsable de traitement : autres] |
| menaces | lecture des événements pseudonymes ou des effectifs exacts ; copie d’une clé du jour avant sa destruction \
; vidages mémoire, mémoire d’échange, instantanés de disque ; accès aux événements bruts |
| mesures | pseudonymes d’une journée ; fichiers d’un seul compte (0700, 0600) ; clés détruites ; fichiers de travail \
supprimés ; aucun identifiant dans les journaux ni les erreurs. [à compléter par le responsable de traitement : \
autres] |
| gravité | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |
| vraisemblance | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |

### 3.3 Réidentification à partir de ce qui est publié

| | |
|---|---|
| impacts sur les personnes | comme en 3.2, pour quiconque est distingué |
| individualisation | {singling}. [à compléter par le responsable de traitement : résultat de l’audit] |
| corrélation | une clé par journée de confidentialité ; aucun chiffre sur plusieurs jours. [à compléter par le \
responsable de traitement : résultat de l’audit] |
| inférence | {inference}. [à compléter par le responsable de traitement : résultat de l’audit] |
| ce qui demeure | les limites connues du guide d’audit : franchissements du seuil, jours répétés, connaissances \
extérieures. [à compléter par le responsable de traitement : lesquelles comptent ici, et pourquoi elles sont \
acceptées] |
| gravité | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |
| vraisemblance | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |

### 3.4 Modification non désirée de données

| | |
|---|---|
| impacts sur les personnes | décisions fondées sur des chiffres faux ; protection affaiblie si un paramètre est \
modifié à l’insu de tous |
| sources de risque | une erreur de l’opérateur, une personne interne, un intrus, un disque défectueux. [à compléter \
par le responsable de traitement : autres] |
| menaces | entrées modifiées, paramètres modifiés, fichiers publiés modifiés, vol de la clé de signature |
| mesures | chaîne d’entrées signée ; une empreinte par fichier ; paramètres dans chaque entrée ; changements \
signalés par l’audit ; registre des publications aux lignes chaînées. [à compléter par le responsable de traitement : \
autres] |
| gravité | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |
| vraisemblance | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |

### 3.5 Disparition de données

| | |
|---|---|
| impacts sur les personnes | aucun attendu de la perte de la publication ; le registre des publications et celui des \
oppositions ne doivent pas être perdus |
| sources de risque | une panne de disque, une erreur, un intrus. [à compléter par le responsable de traitement : \
autres] |
| menaces | perte du registre des publications : une journée pourrait être publiée deux fois ; perte de la liste des \
oppositions |
| mesures | sauvegarde de la publication, du registre des publications et de la configuration, jamais du répertoire \
de travail. [à compléter par le responsable de traitement : autres] |
| gravité | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |
| vraisemblance | [à compléter par le responsable de traitement : négligeable, limitée, importante, maximale ; \
justification] |

## 4. Validation

### 4.1 Plan d’action

| action | qui | échéance | coût | état |
|---|---|---|---|---|
| [à compléter par le responsable de traitement : chaque action qu’appelle un risque ci-dessus] | | | | |
| prochaine réévaluation | [à compléter par le responsable de traitement : qui] | [à compléter par le responsable de \
traitement : date, un an au plus] | | |

### 4.2 Avis

| de | avis |
|---|---|
| délégué à la protection des données | [à compléter par le responsable de traitement : avis, date] |
| personnes concernées ou leurs représentants | [à compléter par le responsable de traitement : avis, ou pourquoi il \
n’a pas été demandé] |
| autorité de contrôle, si le risque résiduel est élevé (article 36 du RGPD) | [à compléter par le responsable de \
traitement : si elle a été consultée, réponse] |

### 4.3 Décision

[à compléter par le responsable de traitement : acceptée, acceptée sous conditions ou refusée ; nom, date, signature]
"""
