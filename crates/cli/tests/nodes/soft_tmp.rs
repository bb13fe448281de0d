pub(crate) fn hold(case: &str, node: &crate::node::Node, wanted: &[(&str, seaworthy_model::Verdict)]) {
    let judged = node.judge();
    for (id, verdict) in wanted {
        let finding = judged.finding(id);
        if finding.verdict != *verdict { println!("WRONG {case:?}: {id}: is {} wanted {verdict}: {}", finding.verdict, finding.reason); }
    }
}
