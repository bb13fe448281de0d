//! Whose findings they are, and where Security Hub is for them.

use seaworthy_report::format::Aws;

/// The partitions by the beginning of their regions' names, with the suffix of their endpoints. The last is for all other regions.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("aws-cn", "cn-", "amazonaws.com.cn"),
    ("aws-us-gov", "us-gov-", "amazonaws.com"),
    ("aws-iso-b", "us-isob-", "sc2s.sgov.gov"),
    ("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"),
    ("aws-iso-f", "us-isof-", "csp.hci.ic.gov"),
    ("aws-iso", "us-iso-", "c2s.ic.gov"),
    ("aws-eusc", "eusc-", "amazonaws.eu"),
    ("aws", "", "amazonaws.com"),
];

/// Whose findings they are.
///
/// # Errors
/// A sentence that names the setting.
pub(super) fn aws(
    region: Option<String>,
    account: Option<String>,
    partition: Option<String>,
    product: Option<String>,
) -> Result<Aws, String> {
    let region = region.ok_or("it has no region, such as eu-central-1")?;
    let named =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !named(&region) {
        return Err(format!("region: {region:?} is none; it looks like eu-central-1"));
    }
    let account = account.ok_or("it has no account, the twelve digits of the AWS account")?;
    if account.len() != 12 || !account.chars().all(|c| c.is_ascii_digit()) {
        return Err("account: it has twelve digits, in quotation marks".to_owned());
    }
    let own = PARTITIONS.iter().find(|(_, begins, _)| region.starts_with(begins)).map_or("aws", |(name, ..)| name);
    let partition = partition.unwrap_or_else(|| own.to_owned());
    if !named(&partition) || !partition.starts_with("aws") {
        return Err(format!("partition: {partition:?} is none; there are aws, aws-cn, aws-us-gov and others"));
    }
    if product.as_ref().is_some_and(|product| !product.starts_with("arn:") || product.contains(char::is_whitespace)) {
        return Err(
            "product: it is an ARN, such as arn:aws:securityhub:REGION:ACCOUNT:product/ACCOUNT/default".to_owned()
        );
    }
    Ok(Aws { partition, region, account, product })
}

/// The service's own endpoint.
///
/// # Errors
/// A sentence: the partition is none that is known here.
pub(super) fn of(aws: &Aws) -> Result<String, String> {
    let suffix = PARTITIONS.iter().find(|(name, ..)| *name == aws.partition).map(|(.., suffix)| *suffix);
    let suffix = suffix.ok_or_else(|| {
        format!("where Security Hub is in the partition {} is not known: give securityhub+https://HOST", aws.partition)
    })?;
    Ok(format!("https://securityhub.{}.{suffix}", aws.region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_its_endpoint() {
        for (region, partition, endpoint) in [
            ("eu-central-1", "aws", "https://securityhub.eu-central-1.amazonaws.com"),
            ("cn-north-1", "aws-cn", "https://securityhub.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "https://securityhub.us-gov-west-1.amazonaws.com"),
            ("us-iso-east-1", "aws-iso", "https://securityhub.us-iso-east-1.c2s.ic.gov"),
        ] {
            let aws = aws(Some(region.into()), Some("123456789012".into()), None, None).unwrap();
            assert_eq!((aws.partition.as_str(), of(&aws).unwrap().as_str()), (partition, endpoint));
        }
        let new = aws(Some("x-1".into()), Some("123456789012".into()), Some("aws-new".into()), None).unwrap();
        assert!(of(&new).unwrap_err().contains("aws-new"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let of = |region: &str, account: &str, partition: &str, product: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            aws(some(region), some(account), some(partition), some(product)).unwrap_err()
        };
        assert!(of("", "123456789012", "", "").contains("region"));
        assert!(of("evil.example/", "123456789012", "", "").contains("region"));
        assert!(of("eu-central-1", "", "", "").contains("account"));
        assert!(of("eu-central-1", "12345", "", "").contains("account"));
        assert!(of("eu-central-1", "123456789012", "azure", "").contains("partition"));
        assert!(of("eu-central-1", "123456789012", "", "kube-bench").contains("product"));
    }
}
