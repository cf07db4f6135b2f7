r"""The wordings of intents, for lower case, matched at word bounds: one pattern a line.

Complaint and praise hold general English besides what was read in the first voice of the sandbox. Of the general ones
those stay out that labelled posts speak against (fewer than half of them negative, or 0.6 positive): docs/quality.md.
"""

from __future__ import annotations

REQUEST = (
    r"all (?:i|we) (?:really )?(?:want|need|ask)(?: \w+)? (?:is|for)",
    r"(?:my|our) (?:one |only |biggest )?wish",
    r"too much to ask",
    r"(?:please )?let (?:me|us|users|people) (?!know\b)\w+",
    r"(?:i|we) (?:both |really |also |still |just )?need (?:to be able|something|an?|to \w+)",
    r"there (?:has|have|ought) to be (?:an?|some)",
    r"(?:i|we) (?:have |'ve )?(?:looked|searched|been looking|been searching)",
    r"could (?:\w+ ){1,3}please",
    r"what(?:'s| is) missing",
    r"(?:would|it would) help (?:me |us |a lot )*if",
    r"somebody (?:please )?(?:build|make|write)",
    r"does any(?:thing|one|body) (?:exist|offer|sell|make)s?",
    (
        r"i(?:'d| would)? (?:really |just |so )?wish (?:\w+ )?(?:i|it|there|they|we|you|the|this|that|someone|"
        r"\w+ (?:had|would|could|did))"
    ),
    (
        r"(?:would|'d|it'd) (?:really |absolutely |also )?(?:love|like) (?:to (?:see|have|be able)|an?|if|for|"
        r"it if|the ability|support)"
    ),
    r"would be (?:\w+ )?(?:nice|great|good|awesome|amazing|helpful|useful|perfect|cool|ideal|lovely|fantastic)",
    (
        r"(?:please|pls|plz) (?:just )?(?:add|implement|support|make|let|give|bring|allow|consider|include|"
        r"fix|provide|offer)"
    ),
    r"feature request",
    r"feature idea",
    r"\+1 (?:for|on)",
    r"upvote for",
    r"(?:should|could) (?:\w+ )?(?:have|support|add|let (?:us|me|users|you)|allow|offer|include|provide) ",
    r"any (?:plans?|chance|eta|news|update) (?:to|of|on|for|that|we|you)",
    (
        r"(?:can|could|will) (?:you|we|they|someone|somebody) (?:please |ever )?(?:add|get|have|implement|"
        r"support|make|build)"
    ),
    r"looking for (?:an?|some|any|something|ways?|advice|recommendations|suggestions)\b(?! forward)",
    r"(?:if|when) only",
    r"i'm begging",
    r"hope(?:fully)? (?:you|they|it|the)(?: \w+)? (?:add|adds|get|gets|implement|support|will)",
    (
        r"(?:really |desperately |badly |all i |we |i |just )(?:need|want) (?:an?|some|something|it to|the "
        r"ability|to be able|better|proper|real|is)\b"
    ),
    (
        r"needs? (?:an? (?:\w+ )?(?:option|way|button|mode|setting|feature|toggle|api|app|client|view)|to "
        r"(?:have|support|add|let|be able)|proper|better)"
    ),
    r"(?:missing|lacks?|lacking) (?:an?|the|any|support|proper|only)",
    r"only thing missing",
    r"what's missing",
    r"still no (?:way|support|option)",
    r"is there (?:an?|any|some)(?: \w+)? (?:way|tool|app|option|plugin|service|setting|software|alternative|thing)",
    r"(?:does )?any(?:one|body)(?: here)? (?:know|have|got|recommend)s? (?:of )?(?:an?|any|some) ",
    r"why (?:can't|isn't there|is there no|don't they|doesn't it (?:have|support))",
    r"there should be",
    r"give us",
)
"""Wants something."""

COMPLAINT = (
    r"annoy(?:s|ing|ed)",
    r"drives? (?:me|us) \w+",
    r"the worst (?:part|thing)",
    r"fed up",
    r"be warned",
    r"ruin(?:s|ed|ing)",
    r"(?:un|ir)acceptable",
    r"unusable|useless",
    r"(?:third|second|fourth|\w+th) time (?:this|that|in)",
    r"why does (?:nobody|no one)|nobody (?:cares|seems)",
    r"(?:i|we) trusted|let (?:me|us) down|failed (?:me|us)",
    r"should not be (?:so|this) (?:hard|difficult)",
    r"what a mess",
    (
        r"(?:do(?:es)?n't|do(?:es)? not|did(?:n't| not)|won't|will not|can(?:'t|not)|never|stopped|isn't|is "
        r"not|not|no longer|barely|hardly) (?:even |actually |really |properly |ever |seem to |get it to "
        r")?(?:work|sync|load|open|start|connect|save|update|finish|respond|show|install|log in|upload|"
        r"download|play|boot|restore|find|usable|reliable|stable|figure|trust)(?:s|ed|ing)?"
    ),
    (
        r"(?:keeps?|kept|constantly|always|randomly|still|just) (?:\w+ )?(?:crash|fail|freez|hang|break|los|"
        r"drop|disconnect|stop|restart|corrupt|delet|ask|forget|duplicat)\w*"
    ),
    (
        r"(?:is|are|was|got|gets|completely|totally|still|so|been) (?:\w+ )?(?:broken|buggy|unusable|useless|"
        r"terrible|awful|horrible|annoying|frustrating|unreliable|a mess|a nightmare|a joke|garbage|painful|"
        r"slow|clunky|confusing|ridiculous|unacceptable|a pain)"
    ),
    r"too (?:slow|expensive|complicated|hard|confusing|buggy|bloated|limited)",
    r"crash(?:es|ed|ing)",
    r"(?<!an )(?<!a )(?<!the )(?<!of )(?<!every )(?<!each )(?<!any )fail(?:s|ed|ing|ure)\b",
    r"tim(?:es|ed|ing) out",
    r"\bbugs?\b",
    r"breaks? (?:every|when|my|the|after|on|everything)",
    r"corrupt(?:s|ed|ion)?",
    r"(?:sick|tired) of",
    r"fed up",
    r"drives? me (?:crazy|nuts|insane|mad)",
    r"driving me",
    r"i (?:really )?hate",
    r"can't stand",
    r"so annoying",
    r"annoys me",
    r"lost (?:all|my|everything|hours|days|data|half|\w+ (?:hours|days|photos|notes|files))",
    r"wast(?:e|ed|ing) (?:of|my|hours|so)",
    r"disappoint\w*",
    r"worst",
    r"frustrat\w*",
    r"nightmare",
    r"infuriat\w*",
    r"rip ?off",
    r"gave up",
    r"giving up",
    r"pain in the",
    r"(?<!no )(?<!any )(?:problem|issue|trouble)s? (?:is|with|when|after|where)",
    r"having (?:\w+ )?(?:problems|issues|trouble)",
    r"what a (?:joke|mess|waste)",
    r"(?:nobody|no one|noone) (?:fixes|answers|answered|listens|responds|responded|replies|replied|knows why)",
    (
        r"(?:i|we|you|they) (?:cannot|can't|can not|could not|couldn't) (?:even |really |actually |just )?(?:tell|use|"
        r"edit|reach|log|delete|rely|print|search|export|open)"
    ),
    r"costs? (?:me|us) (?:an?|hours|days|weeks|money|nerves|my|\d+)",
    (
        r"(?:lost|wasted|spent|spend) (?:an? (?:whole|entire)|half an?|the (?:whole|entire)|"
        r"\d+ (?:hours|days|evenings|weeks))"
    ),
    r"without (?:any |a (?:single )?)?(?:warning|notice|reason|explanation)",
    r"for no (?:\w+ )?reason|out of nowhere|out of the blue",
    r"makes? (?:absolutely )?no sense",
    (
        r"tiresome|tedious|exhausting|maddening|aggravating|irritat(?:es|ed|ing)|pathetic|pointless|dreadful|appalling|"
        r"abysmal|atrocious|lousy|shoddy|sloppy|miserabl[ey]|hopeless(?:ly)?|unbearabl[ey]|intolerabl[ey]|shameful"
    ),
    r"terribl[ey]|horribl[ey]|horrendous|awful(?:ly)?|ridiculous(?:ly)?|absurd(?:ly)?|unreliabl[ey]",
    r"sucks|crap(?:py)?|garbage|rubbish|dumpster fire",
    r"refus(?:es|ed|ing) to",
    r"(?:suddenly|randomly|simply|always) (?:stops|dies|quits|drops|disappears|vanishes|resets|forgets|loses|breaks)",
    r"had enough|wit's end|los(?:ing|e) my mind|last straw|final straw",
    r"what a (?:shame|pity|disaster|pain)|(?:an?|total|complete|utter|absolute) disaster|shame on",
    r"stay away|never again|don't bother|not worth (?:it|the|my|your)",
    (
        r"(?:poor|bad|terribl|horribl|awful)(?:ly|y)? (?:designed|made|written|documented|implemented|supported|"
        r"support|quality|documentation|experience|service)"
    ),
    r"hidden (?:fees?|costs?|charges?)|overpriced|ripped off|overcharged|charged (?:me|us) (?:twice|again)",
    r"(?:i|we) (?:\w+ )?struggl(?:e|ed)|struggling (?:with|to)|stuck with",
    r"had to (?:start (?:over|again|from scratch)|redo|reset|reinstall|begin again|do it (?:all )?again)",
    r"(?:is|are|was|were) (?:always|often|constantly|usually) (?:late|wrong|empty|missing|down|slow|lost|out of)",
    r"(?:goes|went|gone|go) missing",
    r"impossible to (?:tell|find|use|read|see|know|reach|get)",
)
"""Is unhappy with something."""

PRAISE = (
    r"(?:deserves?|earned) (?:\w+ )?(?:credit|praise|applause|love)",
    r"thank you so much|thanks a (?:lot|million|bunch) for",
    r"(?<!be )(?<!is )(?<!not )(?:so|very|really|super|incredibly|extremely) (?:helpful|useful|handy|satisfying)",
    r"best (?:\w+ )?(?:explanation|video|tutorial|channel|guide|review|investment|money|support)",
    r"love your \w+|in love with",
    (
        r"(?:is|are|was|been) (?:\w+ )?(?:superb|stellar|outstanding|terrific|marvell?ous|a joy|a delight|a dream|"
        r"delightful|top notch|first class|spot on|a blessing|gorgeous)"
    ),
    r"(?:can't|couldn't|could not|cannot) be happier",
    r"worth every (?:penny|cent|minute|euro|dollar)",
    r"(?:absolutely|simply|truly|really) (?:excellent|amazing|fantastic|brilliant|wonderful|superb|flawless)",
    r"(?:very |so |really )?well (?:engineered|designed|made|built|thought out|crafted)",
    r"thumbs up (?:to|for)|props to|bravo|five stars",
    r"(?:big|huge) fan(?: of)?|(?:i|we) can only recommend",
    r"(?:pleasure|joy|delight|breeze) to use",
    r"credit where (?:it is |it's )?due",
    r"best (?:decision|purchase|thing|app|tool) (?:i|we|of|ever)",
    r"(?:it )?has been (?:excellent|great|solid|perfect)",
    r"recommend(?:s|ed)? (?:it|this|them) to",
    r"(?:i|we) (?:\w+ )?(?:love|adore|like) (?:it|this|how|that|the|using)",
    (
        r"works? (?:\w+ )?(?:great|perfect(?:ly)?|well|fine|flawless(?:ly)?|like a charm|beautifully|out of "
        r"the box|reliably)"
    ),
    (
        r"(?:is|are|been|was) (?:\w+ )?(?:great|awesome|amazing|excellent|fantastic|rock solid|solid|"
        r"brilliant|perfect|wonderful|the best)"
    ),
    r"(?:never|not) had (?:an?|any|a single) (?:problem|issue)s?",
    r"no (?:problems|issues|complaints)",
    r"happy with",
    r"impressed",
    r"(?:highly|definitely|can|would) recommend",
    r"kudos",
    r"great (?:work|job|app|tool|product|support|software)",
    r"game changer",
    r"hats off",
    r"well done",
    r"just works",
    r"already (?:works|does|supports|possible|there)",
    r"don't need",
)
"""Is happy with something."""

COMPARISON = (
    r"(?:run|used|tried|using|compared?) \w+(?: \w+)? (?:next to|against|alongside)",
    r"(?:faster|better|stronger|nicer|weaker|worse) (?:on|at|in|with|for) (?:\w+ ){1,6}(?:but|while|whereas)",
    r"\bvs\b\.?",
    r"versus",
    r"compar(?:ed|ing|ison) (?:to|with|between|of)?",
    r"(?:better|worse|faster|slower|cheaper|simpler|easier|nicer|lighter) than",
    r"alternatives? (?:to|for)",
    r"difference between",
    r"(?:prefer|choose|pick) \w+ (?:over|to)",
    r"unlike \w+",
    r"as good as",
    r"\w+ or \w+\?",
)
"""Holds one thing against another."""

PAY = (
    r"(?:a )?(?:fair|good|reasonable) price",
    r"name your price",
    (
        r"(?:would|'d|will|'ll|happily|gladly|willing to|happy to|ready to|glad to|want to|rather) (?:\w+ "
        r")?(?:pay|buy|subscribe|throw money|donate)"
    ),
    r"take my money",
    r"worth (?:paying|the money|the price|every (?:penny|cent)|[$€£]\d+)",
    r"pay(?:ing)? (?:good|real|serious|extra|more) (?:money|for)",
    r"(?:paid|pay) (?:[$€£]\d+|for (?:this|it|that|a|an|something))",
    r"instant(?:ly)? (?:buy|purchase)",
    r"shut up and take",
    r"(?:a|our|my) budget (?:of|for)",
)
"""Would pay."""

SWITCHING = (
    r"(?:about to|going to|ready to|reason i|decided to|want to) leave",
    r"leaving \w+ (?:for|because|after|over|behind)",
    r"left \w+ (?:last|this|after|for|because|over|when|in)",
    r"cancell?(?:ed|ing) \w+",
    r"migrat(?:e|ed|ing) off",
    r"(?:switch|migrat|mov)(?:e|ed|es|ing)? (?:\w+ )?(?:to|from|away|over|back)\b",
    r"(?:ditch|dump|abandon)(?:ed|ing)\b",
    r"going back to",
    r"(?:alternative|replacement) (?:to|for)",
    r"replac(?:ed|ing) (?:it|my|our|the|\w+) (?:\w+ )?(?:with|by)",
    r"left (?:\w+ ){1,2}for",
    r"uninstall(?:ed|ing)",
    r"jump(?:ed|ing)? ship",
    r"dropp(?:ed|ing) (?:it|\w+) for",
)
"""Leaves one thing for another."""

WORKAROUND = (
    r"what (?:i|we) do (?:instead|now|is)",
    r"until (?:that|it|this|they)(?: \w+)? (?:fixed|fix|works|changes)",
    r"(?:get|got|getting) around (?:it|this|that)",
    r"(?:it is|it's|is) a (?:\w+ )?hack",
    r"ended up with",
    r"my (?:\w+ )?(?:hack|trick) is",
    r"work-?arounds?",
    r"work(?:ing|ed)? around (?:it|this|that|the)",
    r"hack(?:y|ed|ish)?\b",
    (
        r"(?:i|we) (?:just |ended up |eventually |currently |then )+(?:use|using|export|copy|copying|wrote|"
        r"writing|run|running|do|doing|made|making|keep|keeping|put|email|sync|set)\w*"
    ),
    (
        r"(?:wrote|made|built|have|use|run) (?:an? |my own |myself an? )(?:\w+ )?(?:script|cron ?job|"
        r"spreadsheet|macro|shortcut|bash|wrapper)"
    ),
    r"(?:by hand|manually)\b",
    r"for now,? (?:i|we)",
    r"in the meantime",
    r"my (?:current )?(?:solution|setup|fix) (?:is|was|for)",
    r"duct tape",
    r"band-?aid",
    r"(?:temporary|dirty|quick) fix",
    r"instead,? i (?:just )?\w+",
    r"as a stopgap",
    r"the trick is",
    r"what i do is",
)
"""Says how it copes."""
