r"""The wording of spam, by what it is after: one pattern a line, matched without case at word bounds.

`\S` and `\w` steps are short on purpose: a pattern that spans a whole sentence starts to match honest talk.
"""

from __future__ import annotations

FOLLOW = (
    r"follow (?:me|us) @?\w+ (?:for|on|to)",
    r"(?:i|we) (?:always |will )?follow back",
    r"su(?:b|bs|c|sc)s?c?ribe (?:me|my|us|our|mine|here|now|back|please|pls|plz|this channel)",
    r"(?:su[bcs]{1,3}ribe|sub|follow) (?:back )?(?:to|2|4|for) (?:me|my|us|our|mine|this|more)",
    r"(?:and|please|plz|pls|so|like|share|comment|then|the) su(?:b|bs|c|sc)s?c?ribe(?! to (?:a|an|the|your|their)\b)",
    r"su(?:b|bs|c|sc)s?c?ribe (?:and|like|&amp;|&|\+) \w+",
    r"(?:please|plz|pls|and|go) sub",
    r"sub ?(?:4|for) ?sub",
    r"i(?:'ll| will)? sub(?:scribe)? (?:back|to you)",
    r"follow (?:me|us) (?:on|at|for|back|and|@)",
    r"(?:please|plz|pls|go) follow",
    r"follow ?(?:4|for) ?follow",
    r"(?:get|need|reach|want|hit|goal) \d[\d,k]* (?:more )?(?:subs|subscribers|followers|likes)",
)
"""Wants followers."""

OWN_WORK = (
    r"check(?:ing|ed)? (?:out )?(?:some of )?(?:me|my|our|us)",
    r"check(?: \w+)? out(?: \S+){0,4} channel",
    (
        r"(?:visit|view|see|watch|try) (?:to )?(?:my|our) (?:\w+ ){0,2}"
        r"(?:channel|page|website|profile|videos?|vids?|blog|store|shop|music|cover|stream|bio|track)"
    ),
    r"(?:come|look|head|go|hop)(?: \w+)? (?:to|at|on|over to) (?:my|our) (?:\w+ )?(?:channel|page|profile|videos?|bio)",
    r"on my (?:youtube |new )?(?:channel|page)",
    r"link in (?:my )?(?:bio|profile)",
    r"my (?:new |latest |own |first )?(?:channel|youtube channel|cover|mixtape|soundcloud|onlyfans)",
    r"(?:did|made|uploaded) (?:a|some|my own) (?:\w+ )?(?:covers?|remix(?:es)?|mixtape)",
)
"""Advertises its author."""

OTHER_WORK = (
    (
        r"(?:check|watch|look at|see|go to|listen to) (?:out )?(?:th(?:is|ese|at)|it|him|her) (?:\w+ ){0,2}"
        r"(?:videos?|page|channel|guys?|song|band|mix|playlist|cover|remix)s?"
    ),
)
"""Sends readers elsewhere."""

EASY_MONEY = (
    r"you (?:have|'ve) been (?:selected|chosen|picked)(?: \w+)? (?:for|as|to)",
    r"passive income of",
    r"free [$€£]?\d[\d.,k]* ?(?:[$€£]|usd|dollars)?(?: \w+)? (?:gift|card|cash|credit|bonus|voucher)",
    r"(?:we|i)(?:'re| are|'m| am)? giv(?:e|ing) away \d*",
    r"(?:enter|like|share|comment)(?:,| and) (?:\w+ )?(?:share|enter|win|comment)",
    r"for the first \d[\d,]*(?: \w+)? (?:people|users|subscribers|followers|customers)",
    (
        r"(?:earn|make|making|earning|made) (?:up to |over |around |about |extra |real )?(?:[$€£] ?\d[\d,.k]*|"
        r"\d[\d,.k]* ?(?:dollars|bucks|usd|[$€£]))(?: \w+)? (?:per|a|an|each|every|from|in|online|with)"
    ),
    r"(?:earn|mak)(?:e|ing)? (?:(?:free|real|quick|easy|fast|extra) )*money (?:online|fast|from home|easily|at home)",
    r"free (?:gift ?cards?|iphones?|v-?bucks|robux|itunes|money|nitro|followers|bitcoin|giveaway|codes?)",
    r"give ?aways? (?:now|here|on|at|live|today)",
    r"(?:enter|join|claim|win) (?:my|our|the|your|this|an?)? ?(?:\w+ )?(?:giveaway|prize|reward|gift|iphone\w*)",
    r"work(?:ing)? from home and (?:earn|make)",
    r"(?:passive|extra|residual) income (?:from|with|online|stream)",
    r"gift ?cards? (?:for free|codes?|here)",
    r"cash ?app",
    r"get(?:ting)? (?:rich|paid) (?:for|quick|fast|to|online)",
    r"financial freedom",
    r"congratulations!? you(?:'ve| have)? (?:won|been)",
    r"guaranteed (?:income|winner|results|approval)",
)
"""Promises money or gifts."""

CRYPTO = (
    r"\d{2,}x (?:guaranteed|potential|soon|easy)",
    r"connect your wallet",
    r"(?:free )?(?:\w+ )?air ?drop ?!+",
    r"recover(?:ed)? (?:my|your|her|his|lost|stolen) (?:\w+ ){0,2}(?:funds|crypto|bitcoin|wallet|coins?)",
    r"got (?:me )?(?:back )?(?:my|all my|her|his) (?:[$€£]?\d\S*|money|funds|coins?) (?:back|in)",
    r"(?:up|profits?|returns?) (?:to )?\d{2,} ?% (?:daily|weekly|a day|a week|per)",
    r"(?:double|triple|multiply) your (?:\w+ )?(?:btc|bitcoin|eth|crypto|money|investment|coins?)",
    r"guaranteed (?:profits?|returns?|roi)",
    r"air ?drop (?:is |now )?(?:live|now|claim|here|link)",
    r"claim (?:your|the|free) (?:\w+ )?(?:air ?drop|tokens?|btc|eth|crypto|coins?)",
    r"(?:free|send|donate) (?:btc|bitcoins?|eth|crypto|tokens)",
    r"(?:trading|forex|crypto|pump) signals?",
    r"(?:crypto|forex|bitcoin) (?:giveaway|investment|expert|mentor|recovery)",
    r"(?:\d{2,}x|\d{3,} ?%) (?:gains?|profits?|returns?)",
    r"(?:invest|investing|traded?|trading) with (?:mr|mrs|ms|expert|coach|him|her)",
    r"recover(?:ed)? (?:my|your|lost|stolen) (?:\w+ )?(?:funds|crypto|bitcoin|money)",
    r"presale (?:is )?(?:live|now)",
)
"""Promotes a coin or a trading scheme."""

CONTACT = (
    r"contact (?:\w+ ){1,3}(?:at|on|via) @?\w+",
    r"(?:whats ?app|tele ?gram|wechat|signal|text|call|contact)(?: \w+){0,3}[:\s@]*\+?\d[\d\s().-]{7,}\d",
    (
        r"(?:dm|message|inbox|pm|text|whats ?app) (?:me|us|him|her)(?: \w+)? "
        r"(?:to (?:get|buy|earn|learn|start|join)|for (?:\w+ )?(?:deals?|prices?|offers?|promo|details))"
    ),
    r"(?:join|add) (?:me|us|my|our)(?: \w+)? (?:on )?(?:telegram|whats ?app|snapchat|kik|skype)",
    r"(?:instagram|snapchat|kik) ?[:@] ?\w+",
)
"""Moves the talk elsewhere."""

ADVERTISEMENT = (
    r"(?:unbeatable|lowest|cheapest|wholesale|factory) prices?",
    r"top[- ]rated \w+",
    r"(?:our|my) (?:customers|clients|users) (?:love|say|trust)",
    r"(?:try|get|use|visit|download) (?:it |\w+ )?(?:now|today)(?= ?[:!>-])",
    r"(?:best|cheap) (?:\w+ )?(?:essays?|replica|backlinks?|followers|pills)",
    r"(?:replica|knock-?off) (?:bags?|watch(?:es)?|shoes|sneakers)",
    r"stop wasting (?:your )?(?:time|money)",
    r"(?:buy|order|shop|act|download|sign up|register) (?:it )?(?:now|today|here)(?: for free)?",
    r"limited[- ]time",
    r"hurry up",
    r"best prices?(?: guaranteed| online| ever)",
    r"(?:use|with) (?:my |the |our )?(?:promo|discount|referral|coupon|affiliate)? ?code:? (?=\S*\d)\w{4,}",
    r"(?:use|with|through) my (?:referral|affiliate|invite|ref)(?: link)?",
    r"(?:promo|referral|affiliate) (?:code|link)s?",
    r"\d{2,} ?% off",
    r"100 ?% (?:free|legit|working|real)",
    r"no credit card needed",
    r"increase your (?:traffic|followers|sales|rank)",
    r"(?:seo|backlink) (?:services?|packages?)",
    r"(?:online )?casino|viagra|cialis|escorts?|payday loans?|replica watches|penis enlargement",
    r"essay writing service",
    r"hire a hacker",
    r"(?:please |plz |pls )(?:do )?(?:buy|download|read my|click)",
)
"""Sells."""

CALL = (
    r"(?<!should )(?<!could )(?<!can )(?<!to )(?<!you )(?<!would )check (?:this|it|them|him|her|these)?(?: \w+)? ?out",
    r"click (?:here|this|the link|on|for)",
    r"(?:please|plz|pls)[, ]+(?:\w+ )?(?:like|vote|watch|share|visit|check|listen|help (?:me|us|my))",
    r"vote for",
    r"like (?:this comment|this page|if|and share|my page|this (?:pic|picture|poster|photo))",
    r"thumbs? (?:this )?up (?:if|so|for|this|and)",
    r"give (?:me|it|us) a (?:like|chance|listen|thumbs?)",
    r"share this (?:with|on|video|post|to)",
    r"copy and paste",
    r"help (?:me|us) (?:reach|get|out by)",
    r"join (?:me|us|our|to our)",
    r"visit (?:us|our|this)",
)
"""Calls for an action."""

NEWCOMER = (
    r"(?:i'm|i am|we are) (?:an? )?(?:\w+ ){0,3}(?:rapper|singer|youtuber|musician|artist|vlogger)s?",
    r"i (?:make|made|do|post|upload) (?:\w+ ){0,3}(?:videos|vids|covers|beats|remix(?:es)?|gaming)",
    r"he(?:y|llo),? (?:guys|everyone|everybody|youtube|music fans?)",
)
"""Introduces itself to an audience."""
