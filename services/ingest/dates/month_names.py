"""Names of the months in the languages of the world's news, in the forms in which dates are written.

One line a language: its twelve months from January on, separated by `|`, each with its nominative, genitive
and usual abbreviations; `_` stands for a blank. Facts, after the public locale data that operating systems
carry.
"""

from __future__ import annotations

NAMES = """
en january jan|february feb febr|march mar|april apr|may|june jun|july jul|august aug|september sep sept|october oct|november nov|december dec
de januar jan jänner jän jaenner|februar feb feber|märz mär maerz mrz|april apr|mai|juni jun|juli jul|august aug|september sep|oktober okt|november nov|dezember dez
fr janvier janv jan|février févr fév fevrier fev|mars mar mrs|avril avr|mai|juin jun|juillet juil jul|août aoû|septembre sept sep|octobre oct|novembre nov|décembre déc
es enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|julio jul|agosto ago|septiembre sep sept setiembre set|octubre oct|noviembre nov|diciembre dic
it gennaio gen|febbraio feb|marzo mar|aprile apr|maggio mag|giugno giu|luglio lug|agosto ago|settembre set sett|ottobre ott|novembre nov|dicembre dic
pt janeiro jan|fevereiro fev|março mar|abril abr|maio mai|junho jun|julho jul|agosto ago|setembro set|outubro out|novembro nov|dezembro dez
nl januari jan|februari feb|maart mrt|april apr|mei|juni jun|juli jul|augustus aug|september sep|oktober okt|november nov|december dec
ru января январь янв|февраля февраль фев февр|марта март мар|апреля апрель апр|мая май|июня июнь июн|июля июль июл|августа август авг|сентября сентябрь сен сент|октября октябрь окт|ноября ноябрь ноя нояб|декабря декабрь дек
uk січня січень січ|лютого лютий лют|березня березень бер|квітня квітень кві|травня травень тра|червня червень чер|липня липень лип|серпня серпень сер|вересня вересень вер|жовтня жовтень жов|листопада листопад лис|грудня грудень гру
be студзеня студзень сту|лютага люты лют|сакавіка сакавік сак|красавіка красавік кра|мая май|чэрвеня чэрвень чэр|ліпеня ліпень ліп|жніўня жнівень жні|верасня верасень вер|кастрычніка кастрычнік кас|лістапада лістапад ліс|снежня снежань сне
pl stycznia styczeń sty|lutego luty lut|marca marzec mar|kwietnia kwiecień kwi|maja maj|czerwca czerwiec cze|lipca lipiec lip|sierpnia sierpień sie|września wrzesień wrz|października październik paź|listopada listopad lis|grudnia grudzień gru
cs ledna leden led|února únor úno|března březen bře|dubna duben dub|května květen kvě|června červen čen čvn|července červenec čec čvc|srpna srpen srp|září zář|října říjen říj|listopadu listopad lis|prosince prosinec pro
sk január jan januára|február feb februára|marec mar marca|apríl apr apríla|máj mája|jún júna|júl júla|august aug augusta|september sep septembra|október okt októbra|november nov novembra|december dec decembra
sl januar jan januarja|februar feb februarja|marec mar marca|april apr aprila|maj maja|junij jun junija|julij jul julija|avgust avg avgusta|september sep septembra|oktober okt oktobra|november nov novembra|december dec decembra
hr siječnja siječanj sij|veljače veljača velj|ožujka ožujak ožu|travnja travanj tra|svibnja svibanj svi|lipnja lipanj lip|srpnja srpanj srp|kolovoza kolovoz kol|rujna rujan ruj|listopada listopad lis|studenoga studeni stu|prosinca prosinac pro
sr јануар јан januar jan januara јануара|фебруар феб februar feb februara фебруара|март мар mart mar marta марта|април апр april apr aprila априла|мај maj maja маја|јун jun juna јуна juni јуни|јул jul jula јула juli јули|август авг avgust avg avgusta августа|септембар сеп septembar sep septembra септембра|октобар окт oktobar okt oktobra октобра|новембар нов novembar nov novembra новембра|децембар дец decembar dec decembra децембра
bs januar jan|februar feb|mart mar|april apr|maj|juni jun|juli jul|august aug|septembar sep|oktobar okt|novembar nov|decembar dec
mk јануари јан|февруари фев|март мар|април апр|мај|јуни јун|јули јул|август авг|септември сеп|октомври окт|ноември ное|декември дек
bg януари яну|февруари фев|март мар|април апр|май|юни|юли|август авг|септември сеп|октомври окт|ноември ное|декември дек
ro ianuarie ian|februarie feb|martie mar|aprilie apr|mai|iunie iun|iulie iul|august aug|septembrie sep|octombrie oct|noiembrie nov|decembrie dec
hu január jan|február febr|március márc|április ápr|május máj|június jún|július júl|augusztus aug|szeptember szept|október okt|november nov|december dec
tr ocak oca|şubat şub|mart mar|nisan nis|mayıs may|haziran haz|temmuz tem|ağustos ağu|eylül eyl|ekim eki|kasım kas|aralık ara
el ιανουαρίου ιανουάριος ιαν|φεβρουαρίου φεβρουάριος φεβ|μαρτίου μάρτιος μαρ μάρ|απριλίου απρίλιος απρ|μαΐου μάιος μαΐ μάι|ιουνίου ιούνιος ιουν ιούν ιον|ιουλίου ιούλιος ιουλ ιούλ ιολ|αυγούστου αύγουστος αυγ αύγ|σεπτεμβρίου σεπτέμβριος σεπ|οκτωβρίου οκτώβριος οκτ|νοεμβρίου νοέμβριος νοε νοέ|δεκεμβρίου δεκέμβριος δεκ
sv januari jan|februari feb|mars mar|april apr|maj|juni jun|juli jul|augusti aug|september sep|oktober okt|november nov|december dec
da januar jan|februar feb|marts mar|april apr|maj|juni jun|juli jul|august aug|september sep|oktober okt|november nov|december dec
nb januar jan|februar feb|mars|april|mai|juni|juli|august aug|september sep|oktober okt|november nov|desember des
fi tammikuu tammi tammikuuta|helmikuu helmi helmikuuta|maaliskuu maalis maaliskuuta|huhtikuu huhti huhtikuuta|toukokuu touko toukokuuta|kesäkuu kesä kesäkuuta|heinäkuu heinä heinäkuuta|elokuu elo elokuuta|syyskuu syys syyskuuta|lokakuu loka lokakuuta|marraskuu marras marraskuuta|joulukuu joulu joulukuuta
et jaanuar jaan jaanuaril|veebruar veebr veebruaril|märts märtsil mär|aprill apr aprillil|mai mail|juuni juunil juun|juuli juulil juul|august aug augustil|september sept septembril|oktoober okt oktoobril|november nov novembril|detsember dets detsembril
lv janvāris jan janvārī|februāris feb februārī|marts mar martā|aprīlis apr aprīlī|maijs mai maijā|jūnijs jūn jūnijā|jūlijs jūl jūlijā|augusts aug augustā|septembris sep septembrī|oktobris okt oktobrī|novembris nov novembrī|decembris dec decembrī
lt sausio sausis saus|vasario vasaris vas|kovo kovas kov|balandžio balandis bal|gegužės gegužė geg|birželio birželis birž brž|liepos liepa liep|rugpjūčio rugpjūtis rugp rgp|rugsėjo rugsėjis rugs rgs|spalio spalis spal|lapkričio lapkritis lapkr|gruodžio gruodis gruod grd
is janúar jan|febrúar feb|mars mar|apríl apr|maí|júní jún|júlí júl|ágúst ágú|september sep|október okt|nóvember nóv|desember des
sq janar jan|shkurt shk|mars mar|prill pri|maj|qershor qer|korrik kor|gusht gsh|shtator sht|tetor tet|nëntor nën|dhjetor dhj
ca gener gen|febrer febr|març|abril abr|maig|juny|juliol jul|agost ag|setembre set|octubre oct|novembre nov|desembre des
gl xaneiro xan|febreiro feb|marzo mar|abril abr|maio mai|xuño xuñ|xullo xul|agosto ago|setembro set|outubro out|novembro nov|decembro dec
eu urtarrila urt urtarrilaren|otsaila ots otsailaren|martxoa mar martxoaren|apirila api apirilaren|maiatza mai maiatzaren|ekaina eka ekainaren|uztaila uzt uztailaren|abuztua abu abuztuaren|iraila ira irailaren|urria urr urriaren|azaroa aza azaroaren|abendua abe abenduaren
ga eanáir ean|feabhra feabh|márta|aibreán aib|bealtaine beal|meitheamh meith|iúil|lúnasa lún|meán_fómhair mfómh|deireadh_fómhair dfómh|samhain samh|nollaig noll
cy ionawr ion|chwefror chw|mawrth maw|ebrill ebr|mai|mehefin meh|gorffennaf gor|awst aws|medi med|hydref hyd|tachwedd tach|rhagfyr rha
mt jannar jan|frar fra|marzu mar|april apr|mejju mej|ġunju ġun|lulju lul|awwissu aww|settembru set|ottubru ott|novembru nov|diċembru diċ
lb januar jan|februar feb|mäerz mäe|abrëll abr|mee|juni jun|juli jul|august aug|september sep|oktober okt|november nov|dezember dez
af januarie jan|februarie feb|maart mrt|april apr|mei|junie jun|julie jul|augustus aug|september sep|oktober okt|november nov|desember des
fo januar jan|februar feb|mars mar|apríl apr|mai|juni jun|juli jul|august aug|september sep|oktober okt|november nov|desember des
he ינואר ינו|פברואר פבר|מרץ|אפריל אפר|מאי|יוני יונ|יולי יול|אוגוסט אוג|ספטמבר ספט|אוקטובר אוק|נובמבר נוב|דצמבר דצמ
ar كانون_الثاني يناير ينا جانفي كانون_ثاني|شباط فبراير فبر فيفري|آذار مارس مار اذار|نيسان أبريل أبر أفريل|أيار مايو ماي ايار|حزيران يونيو يون جوان|تموز يوليو يول يوليوز جويلية|آب أغسطس أغس غشت أوت|أيلول سبتمبر سبت شتنبر|تشرين_الأول أكتوبر أكت تشرين_اول|تشرين_الثاني نوفمبر نوف نونبر تشرين_ثاني|كانون_الأول ديسمبر ديس دجنبر كانون_اول
fa ژانویه|فوریه|مارس|آوریل اوریل|مه می|ژوئن جون|ژوئیه جولای|اوت آگوست اگوست|سپتامبر|اكتبر اکتبر|نوامبر|دسامبر
ur جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر
ps جنوري|فبروري|مارچ|اپریل|مۍ|جون|جولای|اګست|سپتمبر|اکتوبر|نومبر|دسمبر
ku çile çil|sibat sib|adar ada|nîsan nîs|gulan gul|hezîran hez|tîrmeh tîr|tebax teb|îlon îlo|cotmeh cot|mijdar mij|kanûn kan
hi जनवरी जन|फ़रवरी फ़र फर फरवरी|मार्च|अप्रैल|मई|जून|जुलाई जुल|अगस्त अग|सितंबर सित सितम्बर|अक्तूबर अक्तू अक्टूबर अक्टू|नवंबर नव नवम्बर|दिसंबर दिस दिसम्बर
mr जानेवारी जाने|फेब्रुवारी फेब्रु|मार्च|एप्रिल एप्रि|मे|जून|जुलै|ऑगस्ट ऑग|सप्टेंबर सप्टें|ऑक्टोबर ऑक्टो|नोव्हेंबर नोव्हें|डिसेंबर डिसें
ne जनवरी जन|फेब्रुअरी|मार्च|अप्रिल|मे|जुन|जुलाई|अगस्ट|सेप्टेम्बर|अक्टोबर|नोभेम्बर|डिसेम्बर
bn জানুয়ারী জানু জানুয়ারি|ফেব্রুয়ারী ফেব ফেব্রুয়ারি|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট আগ অগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর
gu જાન્યુઆરી જાન્યુ|ફેબ્રુઆરી ફેબ્રુ|માર્ચ|એપ્રિલ|મે|જૂન|જુલાઈ|ઑગસ્ટ|સપ્ટેમ્બર સપ્ટે|ઑક્ટોબર ઑક્ટો|નવેમ્બર નવે|ડિસેમ્બર ડિસે
pa ਜਨਵਰੀ ਜਨ|ਫ਼ਰਵਰੀ ਫ਼ਰ|ਮਾਰਚ|ਅਪ੍ਰੈਲ ਅਪ੍ਰੈ|ਮਈ|ਜੂਨ|ਜੁਲਾਈ ਜੁਲਾ|ਅਗਸਤ ਅਗ|ਸਤੰਬਰ ਸਤੰ|ਅਕਤੂਬਰ ਅਕਤੂ|ਨਵੰਬਰ ਨਵੰ|ਦਸੰਬਰ ਦਸੰ
ta ஜனவரி ஜன|பிப்ரவரி பிப்|மார்ச் மார்|ஏப்ரல் ஏப்|மே|ஜூன்|ஜூலை|ஆகஸ்ட் ஆக|செப்டம்பர் செப்|அக்டோபர் அக்|நவம்பர் நவ|டிசம்பர் டிச
te జనవరి జన|ఫిబ్రవరి ఫిబ్ర|మార్చి|ఏప్రిల్ ఏప్రి|మే|జూన్|జులై|ఆగస్టు ఆగ|సెప్టెంబర్ సెప్టెం|అక్టోబర్ అక్టో|నవంబర్ నవం|డిసెంబర్ డిసెం
kn ಜನವರಿ ಜನ|ಫೆಬ್ರವರಿ ಫೆಬ್ರ|ಮಾರ್ಚ್|ಏಪ್ರಿಲ್ ಏಪ್ರಿ|ಮೇ|ಜೂನ್|ಜುಲೈ|ಆಗಸ್ಟ್ ಆಗ|ಸೆಪ್ಟೆಂಬರ್ ಸೆಪ್ಟೆಂ|ಅಕ್ಟೋಬರ್ ಅಕ್ಟೋ|ನವೆಂಬರ್ ನವೆಂ|ಡಿಸೆಂಬರ್ ಡಿಸೆಂ
ml ജനുവരി ജനു|ഫെബ്രുവരി ഫെബ്രു|മാർച്ച് മാർ|ഏപ്രിൽ ഏപ്രി|മേയ്|ജൂൺ|ജൂലൈ|ഓഗസ്റ്റ് ഓഗ|സെപ്റ്റംബർ സെപ്റ്റം|ഒക്ടോബർ ഒക്ടോ|നവംബർ നവം|ഡിസംബർ ഡിസം
si ජනවාරි ජන|පෙබරවාරි පෙබ|මාර්තු මාර්|අප්රේල් අප්රි|මැයි|ජූනි|ජූලි|අගෝස්තු අගෝ|සැප්තැම්බර් සැප්|ඔක්තෝබර් ඔක්|නොවැම්බර් නෙවැ|දෙසැම්බර් දෙසැ
id januari jan|februari feb peb pebruari|maret mar|april apr|mei|juni jun|juli jul|agustus agu agt ags|september sep|oktober okt|november nov nop nopember|desember des
ms januari jan|februari feb|mac|april apr|mei|jun|julai jul|ogos|september sep|oktober okt|november nov|disember dis
fil enero ene|pebrero peb|marso mar|abril abr|mayo may|hunyo hun|hulyo hul|agosto ago|setyembre set septiyembre sep|oktubre okt|nobyembre nob nobiyembre nov|disyembre dis
th มกราคม มค|กุมภาพันธ์ กพ|มีนาคม มีค|เมษายน เมย|พฤษภาคม พค|มิถุนายน มิย|กรกฎาคม กค|สิงหาคม สค|กันยายน กย|ตุลาคม ตค|พฤศจิกายน พย|ธันวาคม ธค
vi tháng_giêng tháng_một|tháng_hai|tháng_ba|tháng_tư|tháng_năm|tháng_sáu|tháng_bảy|tháng_tám|tháng_chín|tháng_mười|tháng_mười_một|tháng_mười_hai tháng_chạp
km មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ
lo ມັງກອນ ມກ|ກຸມພາ ກພ|ມີນາ ມນ|ເມສາ ມສ|ພຶດສະພາ ພພ|ມິຖຸນາ ມິຖ|ກໍລະກົດ ກລ|ສິງຫາ ສຫ|ກັນຍາ ກຍ|ຕຸລາ ຕລ|ພະຈິກ ພຈ|ທັນວາ ທວ
my ဇန်နဝါရီ ဇန်|ဖေဖော်ဝါရီ ဖေ|မတ်|ဧပြီ ဧ|မေ|ဇွန်|ဇူလိုင် ဇူ|ဩဂုတ် ဩ|စက်တင်ဘာ စက်|အောက်တိုဘာ အောက်|နိုဝင်ဘာ နို|ဒီဇင်ဘာ ဒီ
zh 一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月
hy հունվարի հունվար հնվ|փետրվարի փետրվար փտր փտվ|մարտի մարտ մար մրտ|ապրիլի ապրիլ ապր|մայիսի մայիս մայ մյս|հունիսի հունիս հնս|հուլիսի հուլիս հլս|օգոստոսի օգոստոս օգս|սեպտեմբերի սեպտեմբեր սեպ|հոկտեմբերի հոկտեմբեր հոկ|նոյեմբերի նոյեմբեր նմբ|դեկտեմբերի դեկտեմբեր դեկ
ka იანვარი იან იანვრის|თებერვალი თებ თებერვლის|მარტი მარ მარტის|აპრილი აპრ აპრილის|მაისი მაი მაისის|ივნისი ივნ ივნისის|ივლისი ივლ ივლისის|აგვისტო აგვ აგვისტოს|სექტემბერი სექ სექტემბრის|ოქტომბერი ოქტ ოქტომბრის|ნოემბერი ნოე ნოემბრის|დეკემბერი დეკ დეკემბრის
az yanvar yan|fevral fev|mart mar|aprel apr|may|iyun iyn|iyul iyl|avqust avq|sentyabr sen|oktyabr okt|noyabr noy|dekabr dek
kk қаңтар қаң|ақпан ақп|наурыз нау|сәуір сәу|мамыр мам|маусым мау|шілде шіл|тамыз там|қыркүйек қыр|қазан қаз|қараша қар|желтоқсан жел
ky январь янв|февраль фев|март мар|апрель апр|май|июнь июн|июль июл|август авг|сентябрь сен|октябрь окт|ноябрь ноя|декабрь дек
uz yanvar yan|fevral fev|mart mar|aprel apr|may|iyun iyn|iyul iyl|avgust avg|sentabr sen|oktabr okt|noyabr noy|dekabr dek
tt гыйнвар гыйн|февраль фев|март мар|апрель апр|май|июнь|июль|август авг|сентябрь сент|октябрь окт|ноябрь нояб|декабрь дек
tg января янв|февраля фев|марта мар|апреля апр|мая май|июня июн|июля июл|августа авг|сентября сен|октября окт|ноября ноя|декабря дек
am ጃንዩወሪ ጃንዩ ጃንዋሪ ጃን|ፌብሩወሪ ፌብሩ ፌብሩዋሪ ፌብ|ማርች|ኤፕሪል ኤፕረ|ሜይ|ጁን|ጁላይ|ኦገስት ኦገስ|ሴፕቴምበር ሴፕቴ|ኦክቶበር ኦክተ|ኖቬምበር ኖቬም|ዲሴምበር ዲሴም
sw januari jan|februari feb|machi mac|aprili apr|mei|juni jun|julai jul|agosti ago|septemba sep|oktoba okt|novemba nov|desemba des
ha janairu jan|faburairu fab|maris mar|afirilu afi|mayu may|yuni yun|yuli yul|agusta agu|satumba sat|oktoba okt|nuwamba nuw|disamba dis
"""
