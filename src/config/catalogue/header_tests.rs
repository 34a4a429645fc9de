//! What the columns of well-known tools are taken for: their own headers, as they
//! export them. A header that is not surely a field must be none.

use std::sync::Arc;

use super::Catalogue;
use crate::lead::{Aliases, Columns, Header, recognise};

/// A tool, and its headers with their fields; `-` where there must be none.
type Export = (&'static str, &'static [(&'static str, &'static str)]);

const FORMS: [Export; 13] = [
    (
        "Gravity Forms",
        &[
            ("Nom (Préfixe)", "title"),
            ("Nom (Prénom)", "first_name"),
            ("Nom (Deuxième prénom)", "-"),
            ("Nom (Nom de famille)", "last_name"),
            ("Nom (Suffixe)", "-"),
            ("E-mail", "email"),
            ("Téléphone", "phone"),
            ("Adresse (Adresse postale)", "address"),
            ("Adresse (Ligne d’adresse 2)", "address2"),
            ("Adresse (Ville)", "city"),
            ("Adresse (Région)", "-"),
            ("Adresse (Code postal)", "zip"),
            ("Adresse (Pays)", "country"),
            ("Consentement (Consentement)", "-"),
            ("ID de l’entrée", "-"),
            ("Date de l’entrée", "created_at"),
            ("URL source", "-"),
            ("User Agent", "-"),
        ],
    ),
    (
        "Gravity Forms in English",
        &[
            ("Name (Prefix)", "title"),
            ("Name (First)", "first_name"),
            ("Name (Middle)", "-"),
            ("Name (Last)", "last_name"),
            ("Name (Suffix)", "-"),
            ("Email", "email"),
            ("Address (Street Address)", "address"),
            ("Address (Address Line 2)", "address2"),
            ("Address (City)", "city"),
            ("Address (State / Province)", "-"),
            ("Address (ZIP / Postal Code)", "zip"),
            ("Address (Country)", "country"),
            ("Created By (User Id)", "-"),
            ("Entry Id", "id"),
            ("Entry Date", "created_at"),
            ("Source Url", "-"),
            ("Payment Status", "-"),
        ],
    ),
    (
        "WPForms",
        &[
            ("Name: First", "first_name"),
            ("Name: Last", "last_name"),
            ("Email", "email"),
            ("Comment or Message", "comment"),
            ("Entry Date", "created_at"),
            ("Entry ID", "id"),
        ],
    ),
    (
        "Contact Form 7",
        &[
            ("your-name", "full_name"),
            ("your-email", "email"),
            ("your-tel", "phone"),
            ("your-subject", "-"),
            ("your-message", "comment"),
        ],
    ),
    (
        "Elementor",
        &[
            ("Nom", "last_name"),
            ("Email", "email"),
            ("Message", "comment"),
            ("Form Name (ID)", "-"),
            ("Submission ID", "id"),
            ("Created At", "created_at"),
            ("User ID", "-"),
            ("User Agent", "-"),
            ("User IP", "-"),
            ("Referrer", "-"),
        ],
    ),
    (
        "Jotform",
        &[
            ("Submission Date", "created_at"),
            ("Full Name - First Name", "first_name"),
            ("Full Name - Last Name", "last_name"),
            ("E-mail", "email"),
            ("Phone Number", "phone"),
            ("Submission ID", "id"),
        ],
    ),
    (
        "Jotform in French",
        &[
            ("Nom complet - Prénom", "first_name"),
            ("Nom complet - Nom de famille", "last_name"),
            ("Adresse - Adresse postale", "address"),
            ("Adresse - Ville", "city"),
            ("Adresse - Code postal", "zip"),
        ],
    ),
    (
        "Typeform",
        &[
            ("#", "-"),
            ("First name", "first_name"),
            ("Last name", "last_name"),
            ("Phone number", "phone"),
            ("Email", "email"),
            ("Company", "company"),
            ("Response Type", "-"),
            ("Start Date (UTC)", "-"),
            ("Stage Date (UTC)", "-"),
            ("Submit Date (UTC)", "created_at"),
            ("Network ID", "-"),
            ("Tags", "-"),
        ],
    ),
    (
        "Google Forms",
        &[
            ("Horodateur", "created_at"),
            ("Adresse e-mail", "email"),
            ("Votre nom et prénom", "full_name"),
            ("Quel est votre numéro de téléphone ?", "phone"),
            ("Combien de personnes ?", "-"),
        ],
    ),
    (
        "Tally",
        &[
            ("Submission ID", "id"),
            ("Respondent ID", "-"),
            ("Submitted at", "created_at"),
            ("Nom", "last_name"),
            ("Prénom", "first_name"),
            ("E-mail pro", "email"),
        ],
    ),
    (
        "Ninja Forms",
        &[
            ("#", "-"),
            ("Date Submitted", "created_at"),
            ("Name", "full_name"),
            ("Email", "email"),
            ("Message", "comment"),
        ],
    ),
    (
        "Fluent Forms",
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Subject", "-"),
            ("Your Message", "comment"),
            ("Entry Status", "-"),
        ],
    ),
    (
        "Formidable",
        &[
            ("Name (First)", "first_name"),
            ("Name (Last)", "last_name"),
            ("Email", "email"),
            ("Timestamp", "created_at"),
            ("Last Updated", "-"),
            ("Key", "-"),
        ],
    ),
];

const ADS: [Export; 5] = [
    (
        "Meta",
        &[
            ("id", "id"),
            ("created_time", "created_at"),
            ("ad_id", "-"),
            ("ad_name", "-"),
            ("adset_id", "-"),
            ("adset_name", "-"),
            ("campaign_id", "-"),
            ("campaign_name", "-"),
            ("form_id", "-"),
            ("form_name", "-"),
            ("is_organic", "-"),
            ("platform", "-"),
            ("prénom", "first_name"),
            ("nom_de_famille", "last_name"),
            ("e-mail", "email"),
            ("numéro_de_téléphone", "phone"),
            ("code_postal", "zip"),
            ("lead_status", "platform_status"),
        ],
    ),
    (
        "LinkedIn",
        &[
            ("Form Name", "-"),
            ("Campaign Name", "-"),
            ("Account Name", "-"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email Address", "email"),
            ("Work Email", "email2"),
            ("Phone Number", "phone"),
            ("Company Name", "company"),
            ("Title", "job"),
        ],
    ),
    (
        "LinkedIn connections",
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("URL", "-"),
            ("Email Address", "email"),
            ("Company", "company"),
            ("Position", "job"),
            ("Connected On", "-"),
        ],
    ),
    (
        "Google Ads",
        &[
            ("Lead ID", "id"),
            ("Campaign ID", "-"),
            ("GCLID", "-"),
            ("Full Name", "full_name"),
            ("User Email", "email"),
            ("User Phone", "phone"),
            ("Postal Code", "zip"),
            ("Lead Submit Time", "created_at"),
        ],
    ),
    (
        "TikTok",
        &[
            ("lead_id", "id"),
            ("created_time", "created_at"),
            ("campaign_name", "-"),
            ("adgroup_name", "-"),
            ("form_name", "-"),
            ("Name", "full_name"),
            ("Phone number", "phone"),
            ("Email", "email"),
        ],
    ),
];

const CRMS: [Export; 12] = [
    (
        "a CRM whose records have ids",
        &[
            ("Record ID", "id"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Work email", "email2"),
            ("Phone Number", "phone"),
            ("Mobile Phone Number", "phone2"),
            ("Contact owner", "-"),
            ("Lead Status", "platform_status"),
            ("Create Date", "created_at"),
            ("Job Title", "job"),
            ("Company Name", "company"),
            ("Associated Company", "linked_company"),
        ],
    ),
    (
        "Salesforce",
        &[
            ("Salutation", "title"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Title", "job"),
            ("Company / Account", "company"),
            ("Email", "email"),
            ("Phone", "phone"),
            ("Mobile", "phone2"),
            ("Lead Source", "source"),
            ("Street", "street"),
            ("City", "city"),
            ("State/Province", "-"),
            ("Zip/Postal Code", "zip"),
            ("Country", "country"),
            ("Lead Owner", "owner"),
            ("Rating", "-"),
            ("Unread By Owner", "-"),
        ],
    ),
    (
        "Salesforce's API",
        &[
            ("Salutation", "title"),
            ("FirstName", "first_name"),
            ("LastName", "last_name"),
            ("Title", "job"),
            ("MobilePhone", "phone"),
            ("PostalCode", "zip"),
            ("LeadSource", "source"),
            ("IsConverted", "-"),
            ("CreatedDate", "created_at"),
        ],
    ),
    (
        "Zoho",
        &[
            ("Record Id", "id"),
            ("Lead Owner", "owner"),
            ("Company", "company"),
            ("Salutation", "title"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Title", "job"),
            ("Email", "email"),
            ("Secondary Email", "email2"),
            ("Phone", "phone"),
            ("Mobile", "phone2"),
            ("Fax", "-"),
            ("Zip Code", "zip"),
            ("Email Opt Out", "-"),
        ],
    ),
    (
        "Pipedrive",
        &[
            ("Person - Name", "full_name"),
            ("Person - First name", "first_name"),
            ("Person - Last name", "last_name"),
            ("Person - Organization", "company"),
            ("Person - Email - Work", "email"),
            ("Person - Email - Home", "email2"),
            ("Person - Email - Other", "-"),
            ("Person - Phone - Work", "phone"),
            ("Person - Phone - Mobile", "-"),
            ("Person - Owner", "-"),
        ],
    ),
    (
        "Brevo",
        &[
            ("CONTACT ID", "-"),
            ("EMAIL", "email"),
            ("PRENOM", "first_name"),
            ("NOM", "last_name"),
            ("SMS", "phone"),
            ("WHATSAPP", "-"),
            ("LANDLINE_NUMBER", "phone2"),
            ("EXT_ID", "-"),
            ("OPT_IN", "consent"),
            ("ADDED_TIME", "created_at"),
            ("MODIFIED_TIME", "-"),
        ],
    ),
    (
        "channels that may be used",
        &[
            ("Nom", "last_name"),
            ("E-mail", "email"),
            ("Mobile", "phone"),
            ("SMS", "-"),
        ],
    ),
    (
        "Mailchimp",
        &[
            ("Email Address", "email"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Address", "address"),
            ("Phone Number", "phone"),
            ("Birthday", "-"),
            ("MEMBER_RATING", "-"),
            ("OPTIN_TIME", "-"),
            ("LAST_CHANGED", "-"),
            ("NOTES", "comment"),
            ("TAGS", "-"),
        ],
    ),
    (
        "Google Contacts",
        &[
            ("First Name", "first_name"),
            ("Middle Name", "-"),
            ("Last Name", "last_name"),
            ("Phonetic First Name", "-"),
            ("Name Prefix", "title"),
            ("Nickname", "-"),
            ("Organization Name", "company"),
            ("Organization Title", "job"),
            ("Organization Department", "department"),
            ("Birthday", "-"),
            ("Notes", "comment"),
            ("E-mail 1 - Label", "-"),
            ("E-mail 1 - Value", "email"),
            ("E-mail 2 - Label", "-"),
            ("E-mail 2 - Value", "email2"),
            ("Phone 1 - Label", "-"),
            ("Phone 1 - Value", "phone"),
            ("Phone 2 - Value", "phone2"),
            ("Address 1 - Formatted", "-"),
            ("Address 1 - Street", "address"),
            ("Address 1 - City", "city"),
            ("Address 1 - Postal Code", "zip"),
            ("Address 1 - Country", "country"),
            ("Address 2 - City", "-"),
        ],
    ),
    (
        "Outlook",
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Company", "company"),
            ("Job Title", "job"),
            ("Business Street", "-"),
            ("Business City", "-"),
            ("Home City", "-"),
            ("Business Phone", "phone"),
            ("Business Fax", "-"),
            ("Home Phone", "phone2"),
            ("E-mail Address", "email"),
            ("E-mail 2 Address", "email2"),
            ("E-mail 3 Address", "-"),
        ],
    ),
    (
        "Outlook in French",
        &[
            ("Titre", "title"),
            ("Prénom", "first_name"),
            ("Deuxième prénom", "-"),
            ("Nom", "last_name"),
            ("Société", "company"),
            ("Service", "department"),
            ("Titre", "job"),
            ("Ville (bureau)", "-"),
            ("Téléphone (bureau)", "phone"),
            ("Télécopie (bureau)", "-"),
            ("Tél. mobile", "phone2"),
            ("Adresse de messagerie", "email"),
            ("Adresse de messagerie 2", "email2"),
            ("Nom complet de l'adresse de messagerie", "-"),
        ],
    ),
    (
        "people of other people",
        &[
            ("Nom", "last_name"),
            ("E-mail", "email"),
            ("Nom du conjoint", "-"),
            ("Conjoint (Prénom)", "-"),
            ("Conjoint (Nom)", "-"),
            ("E-mail du parrain", "-"),
            ("Nom commercial", "-"),
            ("Téléphone du commercial", "-"),
            ("Commune de naissance", "-"),
            ("Adresse (autre)", "-"),
        ],
    ),
];

#[test]
fn the_headers_of_well_known_tools_are_fields() {
    let catalogue = Catalogue::load(None).expect("the catalogue");
    let aliases = Aliases::new(&catalogue.columns);
    for (tool, columns) in FORMS.iter().chain(&ADS).chain(&CRMS) {
        let names = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let header = Header {
            names,
            ..Header::default()
        };
        let source = recognise(&header, &catalogue.sources);
        let resolved = Columns::resolve(&Arc::new(header), &aliases, &[], source);
        let seen: Vec<(&str, &str)> = resolved
            .seen()
            .into_iter()
            .map(|(name, field)| (name, field.unwrap_or("-")))
            .collect();
        assert_eq!(seen, *columns, "{tool}");
    }
}

/// One that means several things in exports of other kinds is none.
#[test]
fn a_header_that_is_not_surely_a_field_is_none() {
    let catalogue = Catalogue::load(None).expect("the catalogue");
    let aliases = Aliases::new(&catalogue.columns);
    for header in [
        "Nom (Prénom)",
        "First",
        "Last",
        "WhatsApp",
        "Objet",
        "Description",
        "Numéro",
        "Nom du produit",
        "Email du commercial",
        "Value",
        "Contact",
        "Account Name",
        "Company Phone",
        "Région",
        "Nom - Ville",
        "Adresse IP",
        "Adresse (Ville)",
    ] {
        let names = vec![header.to_owned()];
        let header = Header {
            names,
            ..Header::default()
        };
        let columns = Columns::resolve(&Arc::new(header), &aliases, &[], None);
        assert_eq!(columns.seen()[0].1, None, "{:?}", columns.seen());
    }
}
