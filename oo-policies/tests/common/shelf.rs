//! Every policy on the shelf, in the forms that its settings give it.

/// Settings of every policy, and the ε of their floors.
pub const POLICIES: [(&str, f64); 45] = [
    (r#"{"type": "auto"}"#, 0.05),
    (r#"{"type": "auto", "sharing": "disjoint", "intercept": false}"#, 0.05),
    (r#"{"type": "linucb"}"#, 0.05),
    (
        r#"{"type": "linucb", "intercept": false, "lambda": 0.1, "exploration": {"type": "epsilon_floor", "epsilon": 0.2}}"#,
        0.2,
    ),
    (r#"{"type": "linucb", "sharing": "disjoint", "alpha": 0.7}"#, 0.05),
    (r#"{"type": "linucb", "sharing": "disjoint", "exploration": {"type": "softmax", "tau": 0.3}}"#, 0.0),
    (r#"{"type": "greedy"}"#, 0.0),
    (r#"{"type": "greedy", "sharing": "disjoint", "lambda": 10.0}"#, 0.0),
    (r#"{"type": "epsilon_greedy", "epsilon": 0.1}"#, 0.1),
    (r#"{"type": "linucb", "sharing": "hybrid"}"#, 0.05),
    (r#"{"type": "linucb", "sharing": {"hybrid": {"context": 3}}, "lambda": 0.3}"#, 0.05),
    (r#"{"type": "greedy", "sharing": {"hybrid": {"context": 2}}, "intercept": false}"#, 0.0),
    (r#"{"type": "lin_ts"}"#, 0.05),
    (r#"{"type": "lin_ts", "sharing": "disjoint", "scale": 0.5, "draws": 50, "epsilon": 0.0}"#, 0.0),
    (r#"{"type": "lin_ts", "sharing": "hybrid", "intercept": false, "draws": 32, "epsilon": 0.2}"#, 0.2),
    (r#"{"type": "square_cb"}"#, 0.0),
    (r#"{"type": "square_cb", "sharing": "disjoint", "gamma": 2.0, "exponent": 0.25}"#, 0.0),
    (r#"{"type": "square_cb", "sharing": {"hybrid": {"context": 0}}}"#, 0.0),
    (r#"{"type": "softmax", "tau": 0.5}"#, 0.0),
    (r#"{"type": "softmax", "sharing": "disjoint"}"#, 0.0),
    (r#"{"type": "dlinucb"}"#, 0.05),
    (
        r#"{"type": "dlinucb", "forgetting": {"half_life_days": 2}, "sharing": "disjoint", "alpha": null, "intercept": false}"#,
        0.05,
    ),
    (r#"{"type": "sw_linucb", "window": {"days": 3}, "exploration": {"type": "softmax", "tau": 0.2}}"#, 0.0),
    (r#"{"type": "sw_linucb", "sharing": "disjoint", "lambda": 0.5}"#, 0.05),
    (r#"{"type": "dlinucb", "forgetting": {"per_step": 0.98}}"#, 0.05),
    (r#"{"type": "sw_linucb", "window": {"steps": 60}, "intercept": false}"#, 0.05),
    (r#"{"type": "beta_ts", "reward_range": [-1, 1]}"#, 0.05),
    (r#"{"type": "beta_ts", "reward_range": [-1, 1], "prior": [0.5, 2], "epsilon": 0}"#, 0.0),
    (r#"{"type": "ucb1", "reward_range": [-1, 1]}"#, 0.05),
    (r#"{"type": "recovering_softmax", "epsilon": 0.1}"#, 0.1),
    (r#"{"type": "logistic", "reward_range": [-1, 1]}"#, 0.05),
    (r#"{"type": "logistic", "reward_range": [-1, 1], "sharing": "disjoint", "intercept": false, "alpha": 0.3}"#, 0.05),
    (
        r#"{"type": "logistic", "reward_range": [-1, 1], "open_lessons": 50, "exploration": {"type": "softmax", "tau": 0.1}}"#,
        0.0,
    ),
    (
        r#"{"type": "mixture", "members": [{"weight": 3, "policy": {"type": "linucb", "alpha": 0.5}},
            {"weight": 2, "policy": {"type": "greedy", "sharing": "disjoint"}}, {"weight": 1, "policy": {"type": "uniform"}}]}"#,
        0.19,
    ),
    (
        r#"{"type": "mixture", "members": [{"weight": 0.9, "policy": {"type": "logistic", "reward_range": [-1, 1]}},
            {"weight": 0.1, "policy": {"type": "uniform"}}]}"#,
        0.14,
    ),
    (
        r#"{"type": "logistic", "reward_range": [-1, 1], "exploration": {"type": "thompson", "draws": 32, "epsilon": 0.1}}"#,
        0.1,
    ),
    (
        r#"{"type": "logistic", "reward_range": [-1, 1], "sharing": "disjoint",
            "exploration": {"type": "thompson", "scale": 0.5, "draws": 32, "epsilon": 0.0}}"#,
        0.0,
    ),
    (r#"{"type": "logistic", "reward_range": [-1, 1], "exploration": {"type": "inverse_gap"}}"#, 0.0),
    (
        r#"{"type": "logistic", "reward_range": [-1, 1], "sharing": "disjoint", "alpha": 3,
            "exploration": {"type": "inverse_gap", "gamma": 2.0, "exponent": 0.25}}"#,
        0.0,
    ),
    (r#"{"type": "action_centred", "hold": "todo/home"}"#, 0.005),
    (
        r#"{"type": "action_centred", "hold": "never/tried", "intercept": false, "pi_min": 0.2, "pi_max": 0.7,
            "draws": 32, "epsilon": 0.1}"#,
        0.02,
    ),
    (r#"{"type": "action_centred", "draws": 32}"#, 0.05),
    (r#"{"type": "hierarchical"}"#, 0.05),
    (r#"{"type": "hierarchical", "intercept": false, "personal_ridge": 2.0, "rank": 3}"#, 0.05),
    (r#"{"type": "uniform"}"#, 1.0),
];

/// What in settings says that their policy's statistics are no sums.
pub const NOT_SUMS: [&str; 3] = [r#""type": "logistic""#, r#""per_step""#, r#""steps""#];

/// Whether what the policy of `json` learns is a sum: any order gives the same hash, and lessons subtract.
pub fn is_a_sum(json: &str) -> bool {
    !NOT_SUMS.iter().any(|sign| json.contains(sign))
}
