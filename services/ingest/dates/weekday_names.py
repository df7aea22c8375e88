"""Names of the weekdays in the languages of the world's news.

One line a language: its seven days from Monday on, separated by `|`, each with its names and abbreviations;
`_` stands for a blank. From Unicode CLDR, through Babel 2.18 (Unicode License v3).
"""

from __future__ import annotations

NAMES = """
en monday mon|tuesday tue|wednesday wed|thursday thu|friday fri|saturday sat|sunday sun
de montag mo|dienstag di|mittwoch mi|donnerstag do|freitag fr|samstag sa|sonntag so
fr lundi lun|mardi mar|mercredi mer|jeudi jeu|vendredi ven|samedi sam|dimanche dim
es lunes lun|martes mar|miércoles mié|jueves jue|viernes vie|sábado sáb|domingo dom
it lunedì lun|martedì mar|mercoledì mer|giovedì gio|venerdì ven|sabato sab|domenica dom
pt segunda-feira seg|terça-feira ter|quarta-feira qua|quinta-feira qui|sexta-feira sex|sábado sáb|domingo dom
nl maandag ma|dinsdag di|woensdag wo|donderdag do|vrijdag vr|zaterdag za|zondag zo
ru понедельник пн|вторник вт|среда ср|четверг чт|пятница пт|суббота сб|воскресенье вс
uk понеділок пн|вівторок вт|середа ср|четвер чт|пʼятниця пт|субота сб|неділя нд
be панядзелак пн|аўторак аў|серада ср|чацвер чц|пятніца пт|субота сб|нядзеля нд
pl poniedziałek pon|wtorek wt|środa śr|czwartek czw|piątek pt|sobota sob|niedziela niedz
cs pondělí po|úterý út|středa st|čtvrtek čt|pátek pá|sobota so|neděle ne
sk pondelok po|utorok ut|streda st|štvrtok št|piatok pi|sobota so|nedeľa ne
sl ponedeljek pon|torek tor|sreda sre|četrtek čet|petek pet|sobota sob|nedelja ned
hr ponedjeljak pon|utorak uto|srijeda sri|četvrtak čet|petak pet|subota sub|nedjelja ned
sr понедељак пон|уторак уто|среда сре|четвртак чет|петак пет|субота суб|недеља нед
sr_Latn ponedeljak pon|utorak uto|sreda sre|četvrtak čet|petak pet|subota sub|nedelja ned
bs ponedjeljak pon|utorak uto|srijeda sri|četvrtak čet|petak pet|subota sub|nedjelja ned
mk понеделник пон|вторник вто|среда сре|четврток чет|петок пет|сабота саб|недела нед
bg понеделник пн|вторник вт|сряда ср|четвъртък чт|петък пт|събота сб|неделя нд
ro luni lun|marți mar|miercuri mie|joi|vineri vin|sâmbătă sâm|duminică dum
hu hétfő h|kedd k|szerda sze|csütörtök cs|péntek p|szombat szo|vasárnap v
tr pazartesi pzt|salı sal|çarşamba çar|perşembe per|cuma cum|cumartesi cmt|pazar paz
el δευτέρα δευ|τρίτη τρί|τετάρτη τετ|πέμπτη πέμ|παρασκευή παρ|σάββατο σάβ|κυριακή κυρ
sv måndag mån|tisdag tis|onsdag ons|torsdag tors|fredag fre|lördag lör|söndag sön
da mandag man|tirsdag tirs|onsdag ons|torsdag tors|fredag fre|lørdag lør|søndag søn
nb mandag man|tirsdag tir|onsdag ons|torsdag tor|fredag fre|lørdag lør|søndag søn
nn måndag må|tysdag ty|onsdag on|torsdag to|fredag fr|laurdag la|søndag sø
fi maanantaina ma maanantai|tiistaina ti tiistai|keskiviikkona ke keskiviikko|torstaina to torstai|perjantaina pe perjantai|lauantaina la lauantai|sunnuntaina su sunnuntai
et esmaspäev e|teisipäev t|kolmapäev k|neljapäev n|reede r|laupäev l|pühapäev p
lv pirmdiena pirmd|otrdiena otrd|trešdiena trešd|ceturtdiena ceturtd|piektdiena piektd|sestdiena sestd|svētdiena svētd
lt pirmadienis pr|antradienis an|trečiadienis tr|ketvirtadienis kt|penktadienis pn|šeštadienis št|sekmadienis sk
is mánudagur mán|þriðjudagur þri|miðvikudagur mið|fimmtudagur fim|föstudagur fös|laugardagur lau|sunnudagur sun
sq e_hënë hën|e_martë mar|e_mërkurë mër|e_enjte enj|e_premte pre|e_shtunë sht|e_diel die
ca dilluns dl|dimarts dt|dimecres dc|dijous dj|divendres dv|dissabte ds|diumenge dg
gl luns|martes mar|mércores mér|xoves xov|venres ven|sábado sáb|domingo dom
eu astelehena al|asteartea ar|asteazkena az|osteguna og|ostirala or|larunbata lr|igandea ig
ga dé_luain luan|dé_máirt máirt|dé_céadaoin céad|déardaoin déar|dé_haoine aoine|dé_sathairn sath|dé_domhnaigh domh
cy dydd_llun llun|dydd_mawrth maw|dydd_mercher mer|dydd_iau iau|dydd_gwener gwen gwe|dydd_sadwrn sad|dydd_sul sul
mt it-tnejn tne|it-tlieta tli|l-erbgħa erb|il-ħamis ħam|il-ġimgħa ġim|is-sibt sib|il-ħadd ħad
lb méindeg méi|dënschdeg dën|mëttwoch mët|donneschdeg don|freideg fre|samschdeg sam|sonndeg son
af maandag ma|dinsdag di|woensdag wo|donderdag do|vrydag vr|saterdag sa|sondag so
fo mánadagur mán|týsdagur týs|mikudagur mik|hósdagur hós|fríggjadagur frí|leygardagur ley|sunnudagur sun
he יום_שני יום_ב׳|יום_שלישי יום_ג׳|יום_רביעי יום_ד׳|יום_חמישי יום_ה׳|יום_שישי יום_ו׳|יום_שבת שבת|יום_ראשון יום_א׳
ar الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد
fa دوشنبه|سه‌شنبه|چهارشنبه|پنجشنبه|جمعه|شنبه|یکشنبه
ur پیر|منگل|بدھ|جمعرات|جمعہ|ہفتہ|اتوار
ps دوشنبه|سه_شنبه|چهارشنبه|پنج_شنبه|جمعه|اونۍ شنبه|یکشنبه
hi सोमवार सोम|मंगलवार मंगल|बुधवार बुध|गुरुवार गुरु|शुक्रवार शुक्र|शनिवार शनि|रविवार रवि
mr सोमवार सोम|मंगळवार मंगळ|बुधवार बुध|गुरुवार गुरु|शुक्रवार शुक्र|शनिवार शनि|रविवार रवि
ne सोमबार सोम|मङ्गलबार मङ्गल|बुधबार बुध|बिहिबार बिहि|शुक्रबार शुक्र|शनिबार शनि|आइतबार आइत
bn সোমবার সোম|মঙ্গলবার মঙ্গল|বুধবার বুধ|বৃহস্পতিবার বৃহস্পতি|শুক্রবার শুক্র|শনিবার শনি|রবিবার রবি
gu સોમવાર સોમ|મંગળવાર મંગળ|બુધવાર બુધ|ગુરુવાર ગુરુ|શુક્રવાર શુક્ર|શનિવાર શનિ|રવિવાર રવિ
pa ਸੋਮਵਾਰ ਸੋਮ|ਮੰਗਲਵਾਰ ਮੰਗਲ|ਬੁੱਧਵਾਰ ਬੁੱਧ|ਵੀਰਵਾਰ ਵੀਰ|ਸ਼ੁੱਕਰਵਾਰ ਸ਼ੁੱਕਰ|ਸ਼ਨੀਵਾਰ ਸ਼ਨੀ|ਐਤਵਾਰ ਐਤ
ta திங்கள் திங்|செவ்வாய் செவ்|புதன் புத|வியாழன் வியா|வெள்ளி வெள்|சனி|ஞாயிறு ஞாயி
te సోమవారం సోమ|మంగళవారం మంగళ|బుధవారం బుధ|గురువారం గురు|శుక్రవారం శుక్ర|శనివారం శని|ఆదివారం ఆది
kn ಸೋಮವಾರ ಸೋಮ|ಮಂಗಳವಾರ ಮಂಗಳ|ಬುಧವಾರ ಬುಧ|ಗುರುವಾರ ಗುರು|ಶುಕ್ರವಾರ ಶುಕ್ರ|ಶನಿವಾರ ಶನಿ|ಭಾನುವಾರ ಭಾನು
ml തിങ്കളാഴ്‌ച തിങ്കൾ|ചൊവ്വാഴ്ച ചൊവ്വ ചൊവ്വാഴ്‌ച|ബുധനാഴ്‌ച ബുധൻ|വ്യാഴാഴ്‌ച വ്യാഴം|വെള്ളിയാഴ്‌ച വെള്ളി|ശനിയാഴ്‌ച ശനി|ഞായറാഴ്‌ച ഞായർ
si සඳුදා|අඟහරුවාදා අඟහ|බදාදා|බ්‍රහස්පතින්දා බ්‍රහස්|සිකුරාදා සිකු|සෙනසුරාදා සෙන|ඉරිදා
id senin sen|selasa sel|rabu rab|kamis kam|jumat jum|sabtu sab|minggu min
ms isnin isn|selasa sel|rabu rab|khamis kha|jumaat jum|sabtu sab|ahad ahd
fil lunes lun|martes mar|miyerkules miy|huwebes huw|biyernes biy|sabado sab|linggo lin
th วันจันทร์ จันทร์|วันอังคาร อังคาร|วันพุธ พุธ|วันพฤหัสบดี พฤหัส|วันศุกร์ ศุกร์|วันเสาร์ เสาร์|วันอาทิตย์ อาทิตย์
vi thứ_hai thứ_2|thứ_ba thứ_3|thứ_tư thứ_4|thứ_năm thứ_5|thứ_sáu thứ_6|thứ_bảy thứ_7|chủ_nhật cn
km ច័ន្ទ ចន្ទ|អង្គារ|ពុធ|ព្រហស្បតិ៍ ព្រហ|សុក្រ|សៅរ៍|អាទិត្យ
lo ວັນຈັນ ຈັນ|ວັນອັງຄານ ອັງຄານ|ວັນພຸດ ພຸດ|ວັນພະຫັດ ພະຫັດ|ວັນສຸກ ສຸກ|ວັນເສົາ ເສົາ|ວັນອາທິດ ອາທິດ
my တနင်္လာ|အင်္ဂါ|ဗုဒ္ဓဟူး|ကြာသပတေး|သောကြာ|စနေ|တနင်္ဂနွေ
zh 星期一 周一|星期二 周二|星期三 周三|星期四 周四|星期五 周五|星期六 周六|星期日 周日
ja 月曜日 月|火曜日 火|水曜日 水|木曜日 木|金曜日 金|土曜日 土|日曜日 日
ko 월요일 월|화요일 화|수요일 수|목요일 목|금요일 금|토요일 토|일요일 일
hy երկուշաբթի երկ|երեքշաբթի երք|չորեքշաբթի չրք|հինգշաբթի հնգ|ուրբաթ ուր|շաբաթ շբթ|կիրակի կիր
ka ორშაბათი ორშ|სამშაბათი სამ|ოთხშაბათი ოთხ|ხუთშაბათი ხუთ|პარასკევი პარ|შაბათი შაბ|კვირა კვი
az bazar_ertəsi b.e|çərşənbə_axşamı ç.a|çərşənbə ç|cümə_axşamı c.a|cümə c|şənbə ş|bazar b
kk дүйсенбі дс|сейсенбі сс|сәрсенбі ср|бейсенбі бс|жұма жм|сенбі сб|жексенбі жс
ky дүйшөмбү дүй|шейшемби шейш|шаршемби шарш|бейшемби бейш|жума|ишемби ишм|жекшемби жек
uz dushanba dush|seshanba sesh|chorshanba chor|payshanba pay|juma jum|shanba shan|yakshanba yak
mn даваа да|мягмар мя|лхагва лх|пүрэв пү|баасан ба|бямба бя|ням ня
am ሰኞ|ማክሰኞ ማክሰ|ረቡዕ|ሐሙስ|ዓርብ|ቅዳሜ|እሑድ
sw jumatatu|jumanne|jumatano|alhamisi|ijumaa|jumamosi|jumapili
ha litinin lit|talata tal|laraba lar|alhamis alh|jummaʼa jum|asabar asa|lahadi lah
yo ọjọ́_ajé ajé|ọjọ́_ìsẹ́gun ìsẹ́gun|ọjọ́rú|ọjọ́bọ|ọjọ́_ẹtì ẹtì|ọjọ́_àbámẹ́ta àbámẹ́ta|ọjọ́_àìkú àìkú
ig mọnde mọn|tiuzdee tiu|wenezdee wen|tọọzdee tọọ|fraịdee fraị|satọdee sat|sọndee sọn
zu umsombuluko mso|ulwesibili bil|ulwesithathu tha|ulwesine sin|ulwesihlanu hla|umgqibelo mgq|isonto son
xh mvulo mvu|lwesibini lwesb bin|lwesithathu tha|lwesine sin|lwesihlanu hla|mgqibelo mgq|cawe caw
so isniin isn|talaado tldo|arbaco arbc|khamiis khms|jimco jmc|sabti sbti|axad axd
om wiixata wix|kibxata kib|roobii rob|kamisa kam|jimaata jim|sanbata san|dilbata dil
ku duşem dşm|sêşem sşm|çarşem çşm|pêncşem pşm|înî|şemî şem|yekşem yşm
tg душанбе дшб|сешанбе сшб|чоршанбе чшб|панҷшанбе пшб|ҷумъа ҷмъ|шанбе шнб|якшанбе яшб
tk duşenbe duş|sişenbe siş|çarşenbe çar|penşenbe pen|anna ann|şenbe şen|ýekşenbe ýek
"""
