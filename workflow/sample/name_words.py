"""First names and surnames of several languages, which invented people are named from.

A language holds women's and men's first names, hand-chosen surnames, and beginnings and ends
that compose further surnames, so that millions of people do not all share a few names.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """One language's stock of names; `share` is in percent of all people."""

    share: float
    women: str
    men: str
    surnames: str
    stems: str = ""
    endings: str = ""

    def first_names(self, female: bool) -> tuple[str, ...]:
        return tuple((self.women if female else self.men).split())

    def all_surnames(self) -> tuple[str, ...]:
        composed = (stem + end for stem in self.stems.split() for end in self.endings.split())
        return tuple(dict.fromkeys((*self.surnames.split(), *composed)))


LANGUAGES: tuple[Language, ...] = (
    Language(
        52.0,
        """Abigail Ada Alice Amelia Amy Anna Audrey Barbara Beatrice Bethany Brenda Bridget Carol
        Caroline Catherine Charlotte Claire Constance Cynthia Daisy Deborah Diana Dorothy Edith
        Eleanor Elizabeth Ella Emily Emma Esther Eve Faith Felicity Flora Florence Frances Gemma
        Georgia Gillian Grace Hannah Harriet Hazel Heather Helen Holly Imogen Irene Isabel Ivy
        Jane Janet Jean Jennifer Jessica Joan Joanna Josephine Joyce Judith Julia June Karen
        Katherine Laura Leah Lillian Linda Lucy Lydia Mabel Madeline Margaret Marian Martha Mary
        Matilda Maureen Megan Mildred Miriam Molly Nancy Naomi Natalie Nora Olive Olivia Pamela
        Patricia Paula Penelope Philippa Phoebe Polly Rachel Rebecca Rosalind Rose Ruth Sally
        Samantha Sarah Sheila Sophie Stella Susan Sylvia Teresa Tessa Valerie Vera Verity Victoria
        Violet Virginia Vivian Wendy Winifred Yvonne Zoe""",
        """Aaron Adam Adrian Alan Albert Alfred Andrew Anthony Arthur Barnaby Barry Benjamin
        Bernard Brian Bruce Calvin Carl Cecil Charles Christopher Clarence Clifford Colin Conrad
        Craig Daniel David Dean Dennis Derek Desmond Donald Douglas Duncan Edgar Edmund Edward
        Eric Ernest Eugene Felix Francis Frank Frederick Gareth Gary Geoffrey George Gerald Gilbert
        Glenn Gordon Graham Gregory Harold Harry Henry Herbert Horace Howard Hugh Ian Isaac Jack
        Jacob James Jasper Jeffrey Jeremy Joel John Jonathan Joseph Joshua Julian Keith Kenneth
        Kevin Lawrence Leo Leonard Leslie Lewis Louis Luke Malcolm Mark Martin Matthew Maurice
        Michael Miles Nathan Neil Nicholas Nigel Noah Norman Oliver Oscar Patrick Paul Percy Peter
        Philip Quentin Ralph Raymond Richard Robert Roger Roland Ronald Rupert Russell Samuel Simon
        Stanley Stephen Stuart Terence Theodore Thomas Timothy Toby Victor Vincent Walter Warren
        Wesley Wilfred William""",
        """Abbott Archer Ashby Baines Barlow Baxter Beckett Bell Bennett Bishop Blackwood Blythe
        Bowen Brennan Briggs Brookes Burrows Byrne Calloway Carver Chandler Chase Clay Coleman
        Collier Cooper Corbin Crane Cross Dalton Darrow Dawson Delaney Doyle Drake Dunn Eaton
        Ellery Emery Everett Fairchild Farrow Fenwick Finch Fletcher Forrester Fox Frost Gallagher
        Garland Gibbs Graves Griffin Hale Harper Hawke Hayes Holloway Hooper Hurst Ingram Jarvis
        Keane Keating Kemp Kirby Lacey Lambert Larkin Lockhart Lowell Mallory Marsh Mercer Merritt
        Monroe Moody Nash Nolan Oakes Odell Page Parrish Pike Porter Prescott Quill Quinn Ramsey
        Reeve Rhodes Rourke Rowe Sawyer Sharpe Shaw Sloane Sparrow Stroud Sutton Tate Thorne Tully
        Underhill Vance Vaughn Wade Webb Whitlock Wilder Winslow Wren Wyatt Yardley York""",
        """Ains Alder Ash Ather Barn Beck Birch Black Blan Bram Brans Broad Brom Buck Burn Cald
        Carl Chad Chal Chest Clap Clif Cran Crof Dal Den Dray East Eger El Fair Farn Fern Gar
        Glad Gran Green Hal Ham Har Hart Hather Haver Hazel Hem Hol Holm Hor Hunt Ken King Kirk
        Lang Lin Long Lud Mar May Mel Mid Mor Nor Oak Or Pem Pres Rad Raven Red Rock Rother Sand
        Sel Shel Sher Stam Stan Stock Strat Thorn Til Wake Wal War Wel West Whit Wick Win Wood""",
        """ton ley ford field ham worth wood well bury brook burn combe cote croft dale den don
        gate grave grove hurst land mere more ridge shaw side stead stone thorpe wick by ward
        man ling ington ingham""",
    ),
    Language(
        8.0,
        """Agathe Alice Brigitte Camille Cécile Céleste Chantal Charlotte Claire Colette Delphine
        Denise Elodie Émilie Estelle Fanny Florence Geneviève Hélène Inès Isabelle Jeanne Josette
        Juliette Léa Louise Lucie Madeleine Manon Margot Marguerite Marion Mathilde Nathalie Océane
        Odette Pauline Renée Simone Solange Sylvie Thérèse Valérie Véronique Yvette Zoé""",
        """Adrien Alain Antoine Arnaud Bastien Benoît Bernard Bruno Cédric Claude Clément Damien
        Denis Didier Édouard Émile Étienne Fabrice Félix François Frédéric Gaston Georges Gérard
        Gilles Guillaume Henri Hervé Hugo Jacques Jérôme Julien Laurent Léon Luc Marcel Mathieu
        Maxime Nicolas Olivier Pascal Philippe Pierre Quentin Raoul Rémi Thierry Xavier Yves""",
        """Arnoux Aubert Barbier Blanchet Bonnard Bouvier Carpentier Chevalier Collin Delorme
        Deschamps Dufour Dupont Fabre Faucher Gaillard Garnier Girard Guérin Hubert Jacquet Lacroix
        Lambert Laroche Lefèvre Legrand Lemaire Marchand Mercier Morel Noël Perrin Petit Poirier
        Renard Rousselle Sorel Tessier Vasseur Verdier""",
        """Aub Bar Baud Bel Ber Blan Bois Bon Bour Bran Cab Cham Char Cler Cor Dar Del Des Dub Dur
        Ferr Flor Font Gaud Gir God Gren Jol Lab Lam Land Mal Marc Mart Mont Per Roch Rous Sab
        Sal Vaill Val Vern Vill""",
        "ard aud eau ert et ette ier ière in ois on ot oux elle ault euil ac enne",
    ),
    Language(
        9.0,
        """Adriana Alba Alejandra Amalia Ana Beatriz Blanca Camila Carla Carmen Catalina Cecilia
        Clara Consuelo Daniela Dolores Elena Elisa Emilia Esperanza Estela Eva Fernanda Gabriela
        Graciela Inés Irene Isabel Jimena Josefina Juana Laura Leonor Lourdes Lucía Luisa Manuela
        Marisol Marta Mercedes Mónica Natalia Nuria Paloma Paz Pilar Raquel Rocío Rosa Sofía
        Soledad Teresa Valentina Verónica Ximena Yolanda""",
        """Agustín Alberto Alejandro Alfonso Álvaro Andrés Ángel Arturo Bruno Carlos César Claudio
        Cristóbal Daniel Diego Eduardo Emilio Enrique Ernesto Esteban Federico Felipe Fernando
        Francisco Gabriel Gonzalo Guillermo Hernán Hugo Ignacio Jaime Javier Joaquín Jorge José
        Juan Julio Lorenzo Luis Manuel Mario Martín Mateo Miguel Nicolás Pablo Pedro Rafael Ramiro
        Ricardo Rodrigo Salvador Santiago Tomás Vicente""",
        """Aguilar Alarcón Alonso Arroyo Barrios Benavides Bravo Caballero Cabrera Campos Cárdenas
        Castaño Contreras Correa Delgado Duarte Escobar Espinosa Figueroa Fuentes Gallego Guerrero
        Herrero Ibarra Lozano Luján Medina Mendoza Molina Montero Moreno Navarro Ortega Palacios
        Paredes Prieto Quintana Ramos Rivas Robles Salgado Serrano Soto Toledo Valverde Zamora
        Silveira Teixeira Carvalho Moreira Pinheiro Coutinho Barbosa Nogueira""",
        """Agu Alb Alc Alm Alv Arr Ball Barr Ben Berm Cald Camp Carr Cast Cer Col Cort Dom Esc Est
        Fern Fig Gal Garr Guerr Gut Herr Izqu Lar Lop Mar Mend Mir Mont Mor Nav Olm Ort Pal Per
        Quir Ram Rob Sal Sant Seg Tor Val Vel Vill Zal""",
        "anda ano ares ate edo eira eiro elar enas era ero ez ido illa ona oso ueda uero uela",
    ),
    Language(
        8.0,
        """Anke Anneliese Astrid Birgit Britta Dagmar Elke Elsa Erika Eva Frauke Frieda Gerda Gisela
        Greta Gudrun Hanna Heidi Helga Hilde Ilse Inga Ingrid Jutta Karin Käthe Katrin Lena Liesel
        Lotte Marlene Martha Monika Petra Renate Sabine Sigrid Silke Susanne Tilda Ulrike Ursula""",
        """Albrecht Andreas Anton August Axel Bernd Björn Bruno Christoph Dieter Dietmar Eberhard
        Emil Erik Ernst Felix Friedrich Fritz Georg Gerhard Günther Hannes Hans Heinrich Helmut
        Henrik Holger Horst Jens Jochen Johann Jörg Jürgen Karl Klaus Konrad Kurt Lars Lukas
        Manfred Matthias Max Moritz Oskar Otto Rainer Rolf Rüdiger Stefan Sven Uwe Walter Wolf""",
        """Adler Albers Bachmann Bauer Becker Brandt Braun Busch Dietz Ebert Engel Falk Fiedler
        Fink Förster Frank Geiger Graf Haas Hartmann Heller Hoffmann Jansen Kaiser Keller Kessler
        Köhler König Krämer Krüger Kuhn Lehmann Lorenz Maurer Möller Müllner Nagel Neumann Peters
        Pohl Reinhardt Richter Roth Sauer Schäfer Schreiber Seidel Sommer Stein Thiel Vogt Weber
        Lindqvist Håkansson Sjöberg Bergström Nygård Øverland Dahl Lund""",
        """Alten Berg Birken Blumen Boden Breiten Buchen Burg Dorn Ehren Eichen Eisen Falken Feld
        Freuden Gold Grün Hagen Hasel Hirsch Hohen Kalten Kirch König Krumm Lang Laub Linden Löwen
        Mühl Neu Ober Oster Reichen Rosen Roten Schön Silber Sonnen Stein Stern Tannen Wald Weiden
        Winter Wolf""",
        "bach bauer baum beck berger brand burg dorf feld hain hauer hof mann müller stein thal",
    ),
    Language(
        7.0,
        """Alessandra Alessia Antonella Arianna Bianca Carla Caterina Chiara Cinzia Claudia Cristina
        Donatella Elena Eleonora Elisa Federica Francesca Gaia Giada Gianna Ginevra Giulia Giuliana
        Grazia Ilaria Laura Letizia Lidia Lucia Luisa Marina Marta Martina Mirella Ornella Paola
        Rita Rosanna Serena Silvia Simona Stefania Teresa Valeria Viola Viviana""",
        """Adriano Alberto Aldo Alessandro Andrea Angelo Antonio Bruno Carlo Claudio Corrado Dario
        Davide Dino Domenico Edoardo Elio Emanuele Enrico Ettore Fabio Federico Filippo Francesco
        Franco Gabriele Giacomo Gianni Giorgio Giovanni Giulio Guido Lorenzo Luca Luigi Marcello
        Marco Massimo Matteo Nicola Paolo Piero Raffaele Renato Riccardo Sergio Stefano Ugo""",
        """Alberti Amato Barbieri Basile Bellini Benedetti Bianchi Bruni Caputo Caruso Cattaneo
        Conti Costa Damiani Donati Esposito Fabbri Farina Ferrara Fontana Galli Gatti Gentile
        Giordano Grassi Greco Guerra Leone Lombardi Longo Mancini Marchetti Mariani Martini Monti
        Moretti Neri Orlando Pagano Palumbo Pellegrini Ricci Rinaldi Rizzo Romano Russo Sala Serra
        Testa Valentini Villa Vitale""",
        """Agn Alb Ald Bald Barb Bell Ben Bert Bon Bran Cal Camp Cap Car Cast Cav Col Cor Cr Del
        Fab Falc Ferr Fior Font Gal Gar Gent Gin Lamb Land Lun Mal Manc Mar Mel Mir Mol Mont Mor
        Nal Orl Pal Pasqu Pel Ran Rom Ros Sal Sant Sar Tor Trev Val Ven Vol Zan""",
        "acci aldi ani anti ari ato azzi elli ello eri etti ini ino ioli one oni otti ucci uzzi",
    ),
    Language(
        7.0,
        """Agnieszka Alena Alžběta Anastasia Anna Barbora Beata Bożena Danuta Darina Dorota
        Ekaterina
        Elżbieta Ewa Galina Halina Hana Irena Irina Iva Ivana Jadwiga Jana Jelena Jitka Kateřina
        Katya Larisa Lenka Lidia Ludmila Magda Malgorzata Marina Marta Milena Mirka Nadezhda Natalia
        Oksana Olga Petra Raisa Renata Svetlana Tamara Tatiana Tereza Vera Vesna Yelena Zofia""",
        """Aleksander Alexei Andrei Anton Bogdan Boris Bronislav Dariusz Dmitri Dragan Dušan Emil
        Fyodor Goran Grigori Igor Ilya Ivan Jakub Jan Jerzy Jiří Kazimierz Konstantin Krzysztof
        Leonid Lev Ludvík Marek Maxim Mikhail Milan Miloš Mirko Nikola Oleg Ondřej Pavel Petr Piotr
        Radek Roman Rostislav Sergei Stanislav Tadeusz Tomasz Vadim Václav Viktor Vladimir Yuri
        Zbigniew Zoran""",
        """Barta Bělohlav Blažek Borsuk Čermák Dudek Filipek Gajda Havel Hruška Jaworski Kadlec
        Kolář Kowal Kozel Krawiec Kubat Lis Majer Marek Mazur Moravec Novotny Olszak Pokorny Polak
        Růžička Sikora Sokol Svoboda Szpak Tesař Vitek Volek Vrba Wilk Zajic Zeman Železny""",
        """Bab Bal Bar Bel Bog Bor Bran Bur Chern Dan Dob Drag Dub Gal Gar Gorb Grom Iv Jab Kal
        Kam Kar Kas Kol Kor Kras Kuz Leb Lis Mak Mal Mar Mil Mir Mor Nik Orl Pav Petr Pol Rad Rom
        Sav Sem Sok Stan Tar Tokar Vas Vol Vor Zab Zim""",
        "ak anek anov asz chuk ek enko escu ev ich ik in insky jak ko kin kov ov ovic owski ski uk",
    ),
    Language(
        5.0,
        """Aisha Aslı Ayla Aylin Ayşe Azra Banu Bahar Belgin Burcu Ceren Çiğdem Damla Defne Derya
        Dilara Ebru Ece Elif Emine Esra Fatma Feride Filiz Gamze Gülay Hale Hande Havva İpek Kader
        Lale Leyla Melike Meryem Müge Nalan Nermin Nihal Nur Özge Pelin Pınar Reyhan Samira Selin
        Serap Sevgi Şirin Tülay Yasemin Zehra Zeynep""",
        """Adnan Ahmet Ali Arda Aziz Barış Bülent Burak Can Cem Cihan Deniz Ekrem Emre Enver Erdal
        Erkan Faruk Ferhat Fikret Gökhan Hakan Halil Hamdi Hasan İbrahim İlker Kadir Karim Kemal
        Kerem Levent Mahmut Mehmet Metin Murat Mustafa Nazım Nuri Okan Omar Orhan Osman Rıza Sami
        Selim Serkan Tarık Tolga Tuncay Ufuk Uğur Umut Yasin Yusuf Ziya""",
        """Acar Akın Aksoy Aktaş Alkan Arslan Aydın Bayrak Bozkurt Bulut Çelik Çetin Demir Doğan
        Duman Durmaz Erdem Ersoy Güler Güneş Gürsoy Işık Kaplan Karaca Kaya Keskin Kılıç Koç Korkmaz
        Kurt Öz Özdemir Özkan Polat Sağlam Şahin Şen Tekin Toprak Tunç Uçar Ünal Uysal Yalçın
        Yavuz Yıldırım Haddad Khoury Mansour Nasser Saleh""",
        """Ak Al Altın Ay Bay Boz Can Dağ Demir Er Gök Gül Gün Kara Kaya Kızıl Koç Öz Sarı
        Taş Tek Yıl""",
        "alp ay baş bey can doğan er gil gül han kan kaya kurt lar maz oğlu soy su taş tepe türk",
    ),
    Language(
        4.0,
        """Aiko Akari Asuka Chiyo Emi Fumiko Hana Haruka Hina Jia Kaori Keiko Kyoko Lan Li Mai
        Mariko
        Mei Michiko Midori Mingzhu Miyu Nanako Naoko Noriko Reiko Rin Sachiko Sakura Setsuko Shan
        Tomoko Xia Yan Yoko Yuki Yumi Anjali Deepa Indira Kavita Lata Meera Nandini Padma Priya
        Radha Rekha Shanti Sunita Usha Vidya""",
        """Akira Daichi Daisuke Fumio Goro Haruki Hiroshi Ichiro Isamu Jun Kaito Katsuo Kazuo Kenji
        Kiyoshi Makoto Masao Minoru Naoki Noboru Osamu Ryo Satoru Shigeru Shiro Takashi Tao Tetsuo
        Wei Xiang Yoshio Yutaka Zhen Anand Arjun Ashok Bimal Dev Gopal Hari Jagdish Kiran Mohan
        Naveen Prakash Rajan Ravi Sanjay Suresh Vijay Vikram""",
        """Chen Deng Fang Gao Huang Jiang Liang Lin Liu Luo Peng Shen Sun Tan Tang Wu Xu Yang Zhang
        Zheng Zhou Banerjee Bhatt Chatterjee Desai Ghosh Gupta Iyer Joshi Kulkarni Mehta Menon
        Mukherjee Nair Pandey Pillai Rao Reddy Sen Sharma Verma""",
        """Aki Ao Asa Fuji Fuku Hana Hara Hase Hira Hoshi Ichi Iku Ishi Iwa Kami Kane Kato Kawa Kita
        Kobe Koji Kuro Maki Masu Matsu Miya Mizu Mori Mura Naga Naka Naru Nishi Oka Shima Shira
        Sugi Taka Take Tani Toku Tsuki Uchi Ume Wata Yama Yoko Yoshi""",
        """be da gawa guchi hara hashi hori ji kawa ki mi moto mura naka no oka saki sawa
        shita ta uchi ya""",
    ),
)

NICKNAMES = ("Dr", "Ace", "Buddy", "Doc", "Duke", "Red", "Slim", "Kid", "Tex", "Moose", "Sunny")

_RANKS = ("Captain", "Dr.", "Inspector", "Detective", "Professor", "Judge", "Officer", "Mayor")
_UNNAMED = (
    "Waiter", "Bartender", "Taxi Driver", "Dancer", "Student", "Police Officer", "Receptionist",
    "Neighbor", "Narrator", "Bus Passenger", "Wedding Guest", "Night Nurse", "Shopkeeper",
)  # fmt: skip


def character_cells(female: bool) -> tuple[str, ...]:
    """Cells of the column characters: JSON lists of one or two names, as IMDb writes them."""
    first = tuple(name for language in LANGUAGES for name in language.first_names(female))
    last = LANGUAGES[0].surnames.split()
    full = tuple(f"{a} {b}" for i, a in enumerate(first) for b in last[i % 7 :: 23])
    ranked = tuple(f"{rank} {name}" for rank in _RANKS for name in last)
    double = tuple(f'["{a}","Young {a}"]' for a in first[::4])
    nicknamed = tuple(f'["\\"{nick}\\" {name}"]' for nick in NICKNAMES for name in last[::20])
    single = (*first, *first, *full, *ranked, *_UNNAMED * 8)
    return tuple(f'["{name}"]' for name in single) + double + nicknamed
