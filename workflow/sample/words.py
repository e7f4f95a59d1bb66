"""Words and templates that invented film titles are made of.

Every list is hand-chosen for how the words read side by side. All plain lists are ASCII;
the lists of the foreign templates hold at least one other letter in every head, so that the
share of non-ASCII titles is exactly the weight of those templates.
"""

_ADJECTIVES = """
Amber Ancient Angry Autumn Barefoot Bitter Blazing Blind Blue Borrowed Brass Brave Bright Broken
Burning Burnt Careless Clever Clockwork Cobalt Cold Copper Counterfeit Crimson Crooked Cruel Crystal
Curious Daring Darkened Deep Defiant Delicate Desperate Distant Divided Dreaming Drifting Dusty
Early Electric Emerald Empty Endless Enchanted Exiled Faded Faithful Fallen False Familiar
Feral Fearless Final Flaming Floating Flooded Foolish Forbidden Forgotten Fragile Frozen Furious
Gentle Ghostly Gilded Glass Golden Grateful Green Guilty Half-Remembered Hasty Haunted Hidden
Hollow Honest Hungry Idle Impossible Indigo Inner Innocent Invisible Iron Ivory Jaded Jealous
Jubilant Kind Lacquered Last Late Leaden Lonely Lost Loud Lucky Lunar Marble Marvelous Mechanical
Merciful Midnight Misty Modern Moonlit Mortal Muted Naked Nameless Narrow Nervous Northern Numb
Obedient Obsidian Odd Ordinary Outer Painted Pale Paper Parallel Patient Perfect Phantom Polite
Porcelain Private Proud Quiet Radiant Ragged Rainy Reckless Red Reluctant Restless Righteous
Rusty Sacred Salted Scarlet Second Secret Severed Shattered Silent Silver Simple Singing Sleepless
Slow Small Smoky Solitary Southern Spiral Stolen Stone Stranded Stubborn Sudden Summer Sunken Sweet
Tangled Tender Thirsty Thorny Timid Tin Torn Tranquil Trembling Twisted Unbroken Uncertain
Underground Unfinished Uninvited Unlit Unquiet Unspoken Velvet Vanishing Veiled Violet Wandering
Wayward Weary Western Whispering White Wicked Wild Winter Wireless Wooden Worthy Wounded Yellow
"""

_NOUNS = """
Accordion Acre Alibi Almanac Anchor Anthem Aquarium Archive Arrow Ashes Atlas Aviary Balcony Ballad
Bargain Barricade Basement Bazaar Beacon Bell Bicycle Blossom Boathouse Bonfire Border Boulevard
Bouquet Bread Bridge Brother Cabin Cage Calendar Candle Canyon Caravan Cargo Carnival Carousel
Cartographer Cathedral Cellar Chapel Chapter Choir Cipher Circus Citadel Cliff Clocktower Coast
Comet Compass Concerto Confession Constellation Corridor Country Courtyard Cradle Crossing Crown
Cuckoo Curtain Dance Daughter Dawn Debt Desert Diary Dinner Disguise Distance Domino Door Dragonfly
Driftwood Duel Echo Eclipse Elevator Elegy Embers Empire Engine Envelope Epilogue Equation Escape
Evening Exile Expedition Falcon Farewell Feast Feather Ferry Festival Fever Fiddle Field Fire
Flood Footprint Forest Fortune Fountain Foxglove Frontier Funeral Furnace Gallery Gambit Garden
Gardenia Gate Geometry Ghost Glacier Glasshouse Gramophone Greenhouse Guest Guitar Halo Harbor
Harvest Heart Hedge Heir Heron Highway Hill Horizon Horse Hostage Hotel Hour House Hurricane Hymn
Iceberg Illusion Impostor Ink Inn Interval Island Jasmine Journey Jury Kingdom Kitchen Kite Knot
Labyrinth Ladder Lake Lamp Lantern Lark Ledger Legacy Letter Library Lighthouse Lily Locket
Locomotive
Lullaby Machine Magnolia Manor Map Marathon Margin Market Marriage Mask Meadow Melody Memory
Meridian Messenger Midwinter Mill Miracle Mirage Mirror Monsoon Monument Moon Morning Motel Mountain
Murmur Museum Neighbor Nest Nightfall Nightingale Nocturne Notebook Oath Oasis Observatory Ocean
Odyssey Omen Opera Oracle Orchard Orchid Orphan Outpost Overture Palace Parade Paradox Passenger
Pasture Pavilion Pearl Pendulum Phoenix Photograph Pier Pilgrim Pioneer Planet Platform Playground
Pocketwatch Portrait Postcard Prayer Prelude Promise Prophecy Puppet Puzzle Quarry Quartet Radio
Railway Rain Ransom Raven Reckoning Refuge Regatta Requiem Reunion Riddle Ritual River Road Room
Rooftop Rose Sailor Salt Satellite Scarecrow School Season Secret Serenade Shadow Shelter Shore
Signal Skylark Snow Solstice Sparrow Spire Staircase Star Station Stone Storm Stranger Street
Summit Sunday Swan Sword Symphony Tailor Tango Telegram Telescope Tempest Temple Theater Thief
Thread Threshold Throne Thunder Tide Tower Train Traveler Treasure Trial Tunnel Twilight Umbrella
Valley Vault Verdict Village Vineyard Violin Visitor Voice Vow Voyage Waltz Watchtower Waterfall
Wedding Well Whale Wharf Whistle Willow Window Winter Witness Wolf Workshop Wreck Zenith
"""

_PLACES = """
Abilene Algiers Alexandria Amherst Ankara Antwerp Arcadia Ardennes Ashford Athens Avalon Baku
Balmoral
Barcelona Batumi Belgrade Bergen Berlin Bilbao Bombay Boston Bratislava Bremen Brighton Bruges
Bucharest Budapest Cairo Calabria Calcutta Caracas Cardiff Carthage Casablanca Chicago Colombo
Cordoba Corfu Cornwall Coventry Cracow Damascus Danzig Delft Dover Dresden Dublin Dunmore Edinburgh
Elmira Essex Fargo Ferrara Flanders Florence Galway Geneva Genoa Ghent Gibraltar Glasgow Granada
Hamburg Hanoi Harlem Havana Helsinki Hobart Istanbul Izmir Jaipur Java Kansas Karachi Kent Kiev
Kingston Kyoto Lagos Lahore Leeds Leipzig Lima Lisbon Ljubljana London Lucerne Luxor Macao Madeira
Madrid Malta Manila Mantua Marrakesh Marseille Memphis Messina Milan Minsk Mombasa Monterey Montreal
Moscow Munich Nairobi Nantucket Naples Nevada Nice Norfolk Odessa Ohio Oran Osaka Oslo Oxford Padua
Palermo Panama Parma Patagonia Perth Pisa Prague Quebec Ravenna Reno Riga Rotterdam Rouen Salem
Salerno Samarkand Santiago Sarajevo Savannah Seville Shanghai Siena Singapore Smyrna Sofia Split
Stockholm Sussex Tallinn Tangier Tbilisi Tehran Tirana Toledo Trieste Tripoli Tulsa Tunis Turin
Utrecht Valencia Venice Verona Vienna Vilnius Warsaw Wexford Yerevan York Zagreb Zanzibar Zurich
"""

_PEOPLE = """
Abigail Agnes Albert Alma Amos Anton Arthur Astrid Beatrice Benny Bruno Camille Casper Cecilia Clara
Cleo Conrad Cora Daphne Delia Desmond Dora Edgar Edith Elena Elias Eloise Emil Esther Eva Felix
Fiona
Flora Frances Frieda Gideon Greta Gus Hannah Harriet Hector Hugo Ida Ines Iris Ivan Jasper Jonas
Josephine Judith Julian June Kasimir Kit Lena Leo Leonora Lila Lionel Lottie Louisa Lucian Mabel
Magda Marcel Margot Marta Matilda Maude Max Mila Milo Miriam Mona Nadia Nell Nico Nina Nora Odile
Oleg Olive Orson Oscar Otto Paula Pearl Petra Philip Pia Priya Quentin Ramona Rosa Rowan Ruben Ruth
Sabine Samir Selma Silas Simone Sonia Stella Sybil Tamar Teodor Tess Theo Thelma Tilda Tobias Ursula
Valentin Vera Victor Viola Walter Wanda Wilma Winifred Xenia Yusuf Yvonne Zadie Zelda
"""

_AGENTS = """
Acrobat Actuary Apothecary Apprentice Archivist Astronomer Baker Banker Baroness Barber Beekeeper
Blacksmith Boatman Bookbinder Botanist Butcher Butler Captain Carpenter Cellist Chambermaid Chemist
Clockmaker Coachman Cobbler Colonel Composer Conductor Cook Countess Courier Dancer Detective Doctor
Dressmaker Driver Editor Engineer Executioner Falconer Farmer Ferryman Fisherman Forger
Fortuneteller
Gambler Gardener General Glassblower Goldsmith Governess Gravedigger Grocer Hangman Herbalist
Hunter Innkeeper Interpreter Janitor Jeweler Juggler Keeper Landlady Lawyer Librarian Locksmith
Magician Mapmaker Mathematician Mayor Mechanic Midwife Milkman Miller Milliner Minister Nurse
Organist Painter Perfumer Pharmacist Photographer Pianist Pilot Poacher Poet Postman Potter
Professor Projectionist Puppeteer Ringmaster Saddler Schoolteacher Sculptor Senator Shepherd
Shoemaker Signalman Smuggler Soldier Soprano Stationmaster Stonecutter Sultan Surgeon Taxidermist
Teacher Translator Treasurer Trumpeter Tutor Typist Undertaker Ventriloquist Violinist Watchmaker
Weaver Widow Winemaker Woodcutter
"""

_GERUNDS = """
Abandoning Asking Becoming Beyond Building Burning Burying Calling Chasing Counting Crossing
Defending Deceiving Describing Dreaming Escaping Finding Following Forgetting Forgiving Guarding
Haunting Imagining Inheriting Inventing Leaving Losing Loving Marrying Meeting Missing Mourning
Naming Needing Outrunning Painting Raising Reaching Remembering Rescuing Seeking Selling Stealing
Surviving Taming Teaching Tracking Trusting Waking Watching
"""

_ABSTRACTS = """
Absence Ambition Betrayal Calm Chaos Courage Danger Deceit Defiance Delight Desire Destiny Devotion
Doubt Duty Envy Eternity Faith Fate Fear Folly Freedom Fury Glory Grace Greed Grief Guilt Happiness
Harmony Hope Innocence Jealousy Justice Laughter Liberty Longing Loyalty Luck Madness Malice Mercy
Misfortune Music Nostalgia Oblivion Obsession Passion Patience Peace Pity Pride Reason Redemption
Regret Revenge Shame Silence Solitude Sorrow Splendor Surrender Temptation Time Trust Truth Valor
Vanity Vengeance Wisdom Wonder Youth
"""

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_NOUN_LIST = tuple(dict.fromkeys(_NOUNS.split()))
_ABSTRACT_LIST = tuple(_ABSTRACTS.split())

WORDS: dict[str, tuple[str, ...]] = {
    "adj": tuple(_ADJECTIVES.split()),
    "noun": _NOUN_LIST,
    "place": tuple(_PLACES.split()),
    "name": tuple(_PEOPLE.split()),
    "agent": tuple(_AGENTS.split()),
    "gerund": tuple(_GERUNDS.split()),
    "abstract": _ABSTRACT_LIST,
    "single": tuple(
        dict.fromkeys((*_NOUN_LIST, *_ABSTRACT_LIST, *_PLACES.split(), *_PEOPLE.split()))
    ),
    "letter": LETTERS,
    "season": tuple(str(n) for n in range(1, 25)),
    "episode": tuple(str(n) for n in range(1, 261)),
    # Heads and tails of one language each; every head has a letter beyond ASCII.
    "fr": (
        "L'Été",
        "La Forêt",
        "Le Café",
        "Les Années",
        "La Mémoire",
        "Le Théâtre",
        "L'Étoile",
        "La Fenêtre",
        "Le Château",
        "La Lumière",
        "L'Écho",
        "La Rivière",
        "Le Rêve",
        "L'Étranger",
        "La Poussière",
        "Le Dîner",
        "La Clé",
        "Le Frère",
        "La Misère",
        "L'Hôtel",
    ),
    "fr_tail": (
        "de minuit",
        "sans fin",
        "de l'hiver",
        "du dimanche",
        "d'une autre",
        "des absents",
        "de ma rue",
        "du dernier jour",
        "sous la pluie",
        "et la mer",
        "de Marguerite",
        "du port",
        "entre nous",
        "de septembre",
        "des voisins",
        "de l'horloger",
    ),
    "de": (
        "Die Brücke",
        "Das Mädchen",
        "Die Tür",
        "Der König",
        "Die Rückkehr",
        "Das Gedächtnis",
        "Die Wächter",
        "Der Träumer",
        "Die Gärten",
        "Das Glück",
        "Die Söhne",
        "Der Flüchtling",
        "Die Straße",
        "Der Schlüssel",
        "Die Nächte",
        "Das Geräusch",
    ),
    "es": (
        "La Mañana",
        "El Último Tren",
        "La Canción",
        "El Jardín",
        "Los Años",
        "La Niña",
        "El Árbol",
        "La Estación",
        "El Corazón",
        "La Montaña",
        "El Otoño",
        "Los Niños",
        "La Traición",
        "El Balcón",
        "La Habitación",
        "El Camión",
    ),
    "tr": (
        "Uzun Gün",
        "Sessiz Şehir",
        "Kayıp Çocuk",
        "Eski Köprü",
        "Kırık Ayna",
        "Son Yağmur",
        "Mavi Gözler",
        "Güz Sancısı",
        "Kış Rüyası",
        "Deniz Feneri Işığı",
        "Yıldız Tozu",
    ),
    "tr_tail": (
        "ve Ben",
        "Geceleri",
        "Masalı",
        "Zamanı",
        "Bir Daha",
        "ve Anne",
        "Sokakta",
        "Evinde",
        "Gibi",
        "Sonra",
        "Yolunda",
        "Kimdi",
        "Bekler",
        "Bitmeden",
    ),
    "ru": (
        "Тихая вода",
        "Дорога",
        "Осенний дом",
        "Чужой ветер",
        "Белый пароход",
        "Последний свет",
        "Мой сосед",
        "Золотая рыба",
        "Северный экспресс",
        "Зимний сад",
    ),
    "zh": ("風之家", "静かな海", "雨夜", "長江の歌", "白い橋", "空港", "夏の手紙", "山城", "灯火"),
    "accented": (
        "Zoë",
        "Renée",
        "Björn",
        "Søren",
        "Åsa",
        "José",
        "Łucja",
        "Šárka",
        "Chloé",
        "Márton",
        "Agnès",
        "Jürgen",
        "Ayşe",
        "Óscar",
        "Þóra",
        "Noël",
        "Zdeněk",
        "Inês",
        "Čeněk",
        "Gülay",
        "André",
        "Mónica",
        "Håkon",
        "Dóra",
        "Raúl",
        "Anaïs",
        "Beyoğlu",
        "Björk",
        "Élise",
        "Żaneta",
    ),
}

# (weight in percent, pattern). Template 0 also names the series of films.
SERIES_TEMPLATE = 0
TITLE_TEMPLATES: tuple[tuple[float, str], ...] = (
    (12.0, "The {adj} {noun}"),
    (24.0, "{adj} {noun}"),
    (2.5, "{single}"),
    (7.0, "{noun} of {place}"),
    (3.0, "The {noun} of {place}"),
    (8.0, "{noun} and {noun}"),
    (9.0, "{name}'s {noun}"),
    (4.0, "{name} and the {noun}"),
    (4.0, "The {agent}'s {noun}"),
    (4.0, "The {adj} {agent}"),
    (2.0, "{gerund} {place}"),
    (1.2, "{gerund} {name}"),
    (2.0, "{abstract} in {place}"),
    (1.8, "The {agent} from {place}"),
    (2.0, "{gerund} the {noun}"),
    (2.0, "The {noun} and the {agent}"),
    (2.5, "{adj} {noun} in {place}"),
    (2.0, "{name} and the {adj} {noun}"),
    (1.5, "{name}: {noun} of {abstract}"),
    (1.0, "What Happened to the {adj} {noun}?"),
    (1.5, "No {noun} for {name}"),
    (0.3, '"{adj} {noun}" {name}'),
    (0.3, 'The Death of "{noun} {noun}": What Happened?'),
    (0.2, '"{noun} in the {noun}'),  # a lone leading quote, as it stands in the real files
    (0.1, '{adj} "{noun}'),
    (0.1, "{letter}"),
)

# Together 5 % of all titles; the weights are relative to one another.
FOREIGN_SHARE = 0.05
FOREIGN_TEMPLATES: tuple[tuple[float, str], ...] = (
    (5.0, "{fr} {fr_tail}"),
    (10.0, "{fr} de {place}"),
    (15.0, "{de} von {place}"),
    (15.0, "{es} de {place}"),
    (4.0, "{tr} {tr_tail}"),
    (2.0, "{ru}"),
    (1.0, "{zh}"),
    (24.0, "{accented} and the {noun}"),
    (24.0, "{accented}'s {noun}"),
)

EPISODE_TEMPLATE = "Episode #{season}.{episode}"

SUBTITLE_TEMPLATES: tuple[str, ...] = (
    "{noun} of {place}",
    "{abstract} in {place}",
    "The {adj} {noun}",
    "{noun} of {abstract}",
    "Return to {place}",
    "The {agent}'s {noun}",
)
