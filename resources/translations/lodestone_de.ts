<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>CostSentence</name>
    <message>
        <source>Expected: about %1 an epoch, %2 for %3 epochs</source>
        <translation>Erwartet: etwa %1 je Epoche, %2 für %3 Epochen</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>; %1 GiB of memory</source>
        <translation>; %1 GiB Speicher</translation>
    </message>
    <message>
        <source> with %1 edges a batch</source>
        <translation> bei %1 Kanten je Stapel</translation>
    </message>
    <message>
        <source>The data&apos;s energies are %1 eV/atom off the model&apos;s: estimate the reference energies from the data.</source>
        <translation>Die Energien der Daten weichen um %1 eV/Atom von denen des Modells ab: die Referenzenergien aus den Daten schätzen.</translation>
    </message>
    <message>
        <source>The data&apos;s energies are %1 eV/atom off the model&apos;s; fitted reference energies leave %2.</source>
        <translation>Die Energien der Daten weichen um %1 eV/Atom von denen des Modells ab; mit angepassten Referenzenergien bleiben %2.</translation>
    </message>
</context>
<context>
    <name>ExplanationTable</name>
    <message>
        <source>%1
signature 1 - R² %2
relative change %3</source>
        <translation>%1
Signatur 1 - R² %2
relative Änderung %3</translation>
    </message>
    <message>
        <source>1 - R² of old and new weights</source>
        <translation>1 - R² alter und neuer Gewichte</translation>
    </message>
    <message>
        <source>without its changes</source>
        <translation>ohne seine Änderungen</translation>
    </message>
    <message>
        <source>%1
loss %2 without its changes, %3 with them</source>
        <translation>%1
Verlust %2 ohne seine Änderungen, %3 mit ihnen</translation>
    </message>
    <message>
        <source>rise of the loss / loss of the tuned model</source>
        <translation>Anstieg des Verlusts / Verlust des abgestimmten Modells</translation>
    </message>
</context>
<context>
    <name>ProjectFile</name>
    <message>
        <source>The project could not be saved as %1: %2.</source>
        <translation>Das Projekt konnte nicht als %1 gespeichert werden: %2.</translation>
    </message>
    <message>
        <source>The project %1 cannot be read: %2.</source>
        <translation>Das Projekt %1 ist nicht lesbar: %2.</translation>
    </message>
    <message>
        <source>%1 is no project file of Lodestone: it is far too large for one.</source>
        <translation>%1 ist keine Projektdatei von Lodestone: Dafür ist die Datei viel zu groß.</translation>
    </message>
    <message>
        <source>%1 is no project file of Lodestone, or it is damaged.</source>
        <translation>%1 ist keine Projektdatei von Lodestone oder ist beschädigt.</translation>
    </message>
    <message>
        <source>The project %1 was written by a newer version of Lodestone. Update Lodestone to open it.</source>
        <translation>Das Projekt %1 stammt von einer neueren Version von Lodestone. Zum Öffnen muss Lodestone aktualisiert werden.</translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Everywhere</source>
        <translation>Überall</translation>
    </message>
    <message>
        <source>Next field, previous field</source>
        <translation>Nächstes Feld, voriges Feld</translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation>Tab, Umschalt+Tab</translation>
    </message>
    <message>
        <source>Tick or untick the row in a table or tree</source>
        <translation>Zeile einer Tabelle oder eines Baums ankreuzen oder abwählen</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Context menu</source>
        <translation>Kontextmenü</translation>
    </message>
    <message>
        <source>Menu, or Shift+F10</source>
        <translation>Menü oder Umschalt+F10</translation>
    </message>
    <message>
        <source>About Lodestone</source>
        <translation>Über Lodestone</translation>
    </message>
    <message>
        <source>&lt;b&gt;Lodestone %1&lt;/b&gt;</source>
        <translation>&lt;b&gt;Lodestone %1&lt;/b&gt;</translation>
    </message>
    <message>
        <source>Sparse fine-tuning of pre-trained E(3)-equivariant interatomic models, with the changed parameters and the magnetic moments in view.&lt;br&gt;&lt;br&gt;Free software under the GNU General Public License, version 3 or later. Built with Qt %1, VTK, QCustomPlot, HDF5, gemmi and spglib; the engine with LibTorch.</source>
        <translation>Sparsame Feinabstimmung vortrainierter E(3)-äquivarianter interatomarer Modelle, mit Blick auf die geänderten Parameter und die magnetischen Momente.&lt;br&gt;&lt;br&gt;Freie Software unter der GNU General Public License, Version 3 oder später. Gebaut mit Qt %1, VTK, QCustomPlot, HDF5, gemmi und spglib; der Rechenkern mit LibTorch.</translation>
    </message>
</context>
<context>
    <name>RunResults</name>
    <message>
        <source>Audit passed: symmetries, derivatives, short distances, cutoff.</source>
        <translation>Prüfung bestanden: Symmetrien, Ableitungen, kurze Abstände, Abschneideradius.</translation>
    </message>
    <message>
        <source>Audit NOT passed: %1</source>
        <translation>Prüfung NICHT bestanden: %1</translation>
    </message>
</context>
<context>
    <name>Scene</name>
    <message>
        <source>Bonds are not drawn: %1</source>
        <translation>Bindungen sind nicht gezeichnet: %1</translation>
    </message>
</context>
<context>
    <name>SparsityTable</name>
    <message>
        <source>no l</source>
        <translation>kein l</translation>
    </message>
    <message>
        <source>all l</source>
        <translation>alle l</translation>
    </message>
    <message>
        <source>%1: nothing here may change</source>
        <translation>%1: Hier darf sich nichts ändern</translation>
    </message>
    <message>
        <source>%1, %2
%3 of %4 eligible changed (%5 %)
relative change %6
threshold %7</source>
        <translation>%1, %2
%3 von %4 änderbaren geändert (%5 %)
relative Änderung %6
Schwelle %7</translation>
    </message>
    <message>
        <source>changed / eligible</source>
        <translation>geändert / änderbar</translation>
    </message>
    <message>
        <source>||delta|| / ||W0||</source>
        <translation>||delta|| / ||W0||</translation>
    </message>
    <message>
        <source>threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>outside layers</source>
        <translation>ohne Schicht</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>%1 of %2 eligible parameters changed: %3 % changed / eligible, %4 % changed / whole model.</source>
        <translation>%1 von %2 änderbaren Parametern geändert: %3 % geändert / änderbar, %4 % geändert / ganzes Modell.</translation>
    </message>
    <message>
        <source>%1, %2%3
%4 of %5 eligible changed (%6 %)</source>
        <translation>%1, %2%3
%4 von %5 änderbaren geändert (%6 %)</translation>
    </message>
    <message>
        <source> (not in the data)</source>
        <translation> (nicht in den Daten)</translation>
    </message>
    <message>
        <source>%1: not an element of this model</source>
        <translation>%1: kein Element dieses Modells</translation>
    </message>
    <message>
        <source>%1: %2 % of %3 entries changed</source>
        <translation>%1: %2 % von %3 Einträgen geändert</translation>
    </message>
    <message>
        <source>share of entries changed</source>
        <translation>Anteil geänderter Einträge</translation>
    </message>
</context>
<context>
    <name>TensorSlices</name>
    <message>
        <source>element</source>
        <translation>Element</translation>
    </message>
    <message>
        <source>channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>channel in</source>
        <translation>Eingangskanal</translation>
    </message>
    <message>
        <source>channel out</source>
        <translation>Ausgangskanal</translation>
    </message>
    <message>
        <source>|delta|</source>
        <translation>|delta|</translation>
    </message>
    <message>
        <source>delta</source>
        <translation>Delta</translation>
    </message>
    <message>
        <source>base weight</source>
        <translation>Basisgewicht</translation>
    </message>
    <message>
        <source>tuned weight</source>
        <translation>abgestimmtes Gewicht</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Arrows</name>
    <message>
        <source>Field along %1</source>
        <translation>Feld längs %1</translation>
    </message>
    <message>
        <source>Moment along %1</source>
        <translation>Moment längs %1</translation>
    </message>
    <message>
        <source>down</source>
        <translation>ab</translation>
    </message>
    <message>
        <source>across</source>
        <translation>quer</translation>
    </message>
    <message>
        <source>up</source>
        <translation>auf</translation>
    </message>
    <message>
        <source>|m| (μB)</source>
        <translation>|m| (μB)</translation>
    </message>
    <message>
        <source>Fields on</source>
        <translation>Felder an</translation>
    </message>
    <message>
        <source>Moments of</source>
        <translation>Momente von</translation>
    </message>
    <message>
        <source>|m| tuned − label (μB)</source>
        <translation>|m| abgestimmt − Referenz (μB)</translation>
    </message>
    <message>
        <source>|−dE/dm| (meV/μB)</source>
        <translation>|−dE/dm| (meV/μB)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::AtomInspector</name>
    <message>
        <source>not given</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>%1 μB</source>
        <translation>%1 μB</translation>
    </message>
    <message>
        <source>%1 μB
(%2)</source>
        <translation>%1 μB
(%2)</translation>
    </message>
    <message>
        <source>meV/μB²</source>
        <translation>meV/μB²</translation>
    </message>
    <message>
        <source>meV</source>
        <translation>meV</translation>
    </message>
    <message>
        <source>%1 %2 at %3 Å: %4 %5</source>
        <translation>%1 %2 in %3 Å: %4 %5</translation>
    </message>
    <message>
        <source>Atom</source>
        <translation>Atom</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Element</source>
        <translation>Element</translation>
    </message>
    <message>
        <source>Position (Å)</source>
        <translation>Position (Å)</translation>
    </message>
    <message>
        <source>Fractional</source>
        <translation>Fraktionell</translation>
    </message>
    <message>
        <source>Moment, label</source>
        <translation>Moment, Referenz</translation>
    </message>
    <message>
        <source>Moment, base</source>
        <translation>Moment, Basis</translation>
    </message>
    <message>
        <source>Moment, tuned</source>
        <translation>Moment, abgestimmt</translation>
    </message>
    <message>
        <source>|m| tuned − label</source>
        <translation>|m| abgestimmt − Referenz</translation>
    </message>
    <message>
        <source>Force (eV/Å)</source>
        <translation>Kraft (eV/Å)</translation>
    </message>
    <message>
        <source>Magnetic force (eV/μB)</source>
        <translation>Magnetische Kraft (eV/μB)</translation>
    </message>
    <message>
        <source>Effective field, tuned (eV/μB)</source>
        <translation>Effektives Feld, abgestimmt (eV/μB)</translation>
    </message>
    <message>
        <source>Strongest exchange</source>
        <translation>Stärkster Austausch</translation>
    </message>
    <message>
        <source>Click an atom in the view or in the atom table to read it here.</source>
        <translation>Ein Atom in der Ansicht oder in der Atomtabelle anklicken, um seine Werte hier zu lesen.</translation>
    </message>
    <message>
        <source>Atom in view</source>
        <translation>Gezeigtes Atom</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::AtomTable</name>
    <message>
        <source>Filter, for example: Fe m&gt;2 F&lt;0.5</source>
        <translation>Filter, zum Beispiel: Fe m&gt;2 F&lt;0.5</translation>
    </message>
    <message>
        <source>Elements (Fe Ni) and conditions on m, dm (moment and its error, μB), F (eV/Å), x, y, z (Å) or # (atom number): m&gt;2 dm&gt;0.1 F&lt;=0.5 #&lt;10</source>
        <translation>Elemente (Fe Ni) und Bedingungen an m, dm (Moment und sein Fehler, μB), F (eV/Å), x, y, z (Å) oder # (Nummer des Atoms): m&gt;2 dm&gt;0.1 F&lt;=0.5 #&lt;10</translation>
    </message>
    <message>
        <source>Filter for atoms</source>
        <translation>Filter für Atome</translation>
    </message>
    <message>
        <source>Atoms of the frame in view</source>
        <translation>Atome der gezeigten Konfiguration</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Als Text kopieren</translation>
    </message>
    <message>
        <source>“%1” is not understood</source>
        <translation>„%1“ ist unverständlich</translation>
    </message>
    <message>
        <source>%1 atoms</source>
        <translation>%1 Atome</translation>
    </message>
    <message>
        <source>%1 of %2 atoms</source>
        <translation>%1 von %2 Atomen</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::AtomTableModel</name>
    <message>
        <source>Atom</source>
        <translation>Atom</translation>
    </message>
    <message>
        <source>Element</source>
        <translation>Element</translation>
    </message>
    <message>
        <source>x (Å)</source>
        <translation>x (Å)</translation>
    </message>
    <message>
        <source>y (Å)</source>
        <translation>y (Å)</translation>
    </message>
    <message>
        <source>z (Å)</source>
        <translation>z (Å)</translation>
    </message>
    <message>
        <source>|m| label (μB)</source>
        <translation>|m| Referenz (μB)</translation>
    </message>
    <message>
        <source>|m| tuned (μB)</source>
        <translation>|m| abgestimmt (μB)</translation>
    </message>
    <message>
        <source>|Δm| (μB)</source>
        <translation>|Δm| (μB)</translation>
    </message>
    <message>
        <source>|F| (eV/Å)</source>
        <translation>|F| (eV/Å)</translation>
    </message>
    <message>
        <source>Place of the atom in its frame, from 1</source>
        <translation>Platz des Atoms in seiner Konfiguration, ab 1</translation>
    </message>
    <message>
        <source>Magnitude of the labelled magnetic moment in Bohr magnetons</source>
        <translation>Betrag des magnetischen Moments nach den Referenzwerten, in Bohrschen Magnetonen</translation>
    </message>
    <message>
        <source>Magnitude of the moment that the tuned model predicts, in Bohr magnetons</source>
        <translation>Betrag des Moments, das das abgestimmte Modell vorhersagt, in Bohrschen Magnetonen</translation>
    </message>
    <message>
        <source>Error of the tuned model&apos;s moment: length of the difference from the label, in Bohr magnetons</source>
        <translation>Fehler des Moments aus dem abgestimmten Modell: Länge der Differenz zum Referenzwert, in Bohrschen Magnetonen</translation>
    </message>
    <message>
        <source>Cartesian position in Å</source>
        <translation>Kartesische Position in Å</translation>
    </message>
    <message>
        <source>Magnitude of the labelled force in eV/Å</source>
        <translation>Betrag der Kraft nach den Referenzwerten, in eV/Å</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Banner</name>
    <message>
        <source>Problem on this page</source>
        <translation>Problem auf dieser Seite</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Hide this message</source>
        <translation>Meldung ausblenden</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::BlockTreeModel</name>
    <message numerus="yes">
        <source>%n paths</source>
        <translation>
            <numerusform>%n Pfad</numerusform>
            <numerusform>%n Pfade</numerusform>
        </translation>
    </message>
    <message>
        <source>one number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>Euclidean norm of the stored numbers</source>
        <translation>Euklidische Norm der gespeicherten Zahlen</translation>
    </message>
    <message>
        <source>Irreps that the values couple: in → out</source>
        <translation>Irreps, die die Werte koppeln: Eingang → Ausgang</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>Norm</source>
        <translation>Norm</translation>
    </message>
    <message>
        <source>A constant of the model: never changed by fine-tuning.</source>
        <translation>Eine Konstante des Modells: wird bei der Feinabstimmung nie geändert.</translation>
    </message>
    <message>
        <source>Layer, module and tensor; ticked ones may change</source>
        <translation>Schicht, Modul und Tensor; angekreuzte dürfen sich ändern</translation>
    </message>
    <message>
        <source>What the tensor does in the model</source>
        <translation>Was der Tensor im Modell tut</translation>
    </message>
    <message>
        <source>Length of each dimension as stored</source>
        <translation>Länge jeder Dimension, wie gespeichert</translation>
    </message>
    <message>
        <source>How many numbers there are</source>
        <translation>Wie viele Zahlen es sind</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::BlocksPage</name>
    <message>
        <source>%1 of %2 parameters may change (%3 %)</source>
        <translation>%1 von %2 Parametern dürfen sich ändern (%3 %)</translation>
    </message>
    <message>
        <source>No model is open.
Open one with Ctrl+M, or drop its file here.</source>
        <translation>Es ist kein Modell geöffnet.
Mit Strg+M öffnen oder seine Datei hier ablegen.</translation>
    </message>
    <message>
        <source>Head</source>
        <translation>Kopf</translation>
    </message>
    <message>
        <source>The file holds several models in one: this one is computed and trained.</source>
        <translation>Die Datei enthält mehrere Modelle in einem: Dieses wird gerechnet und trainiert.</translation>
    </message>
    <message>
        <source>&amp;Head</source>
        <translation>&amp;Kopf</translation>
    </message>
    <message>
        <source>Share of the parameters that may change</source>
        <translation>Anteil der Parameter, die sich ändern dürfen</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>own choice</source>
        <translation>eigene Wahl</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Filter, for example linear_1 l=2</source>
        <translation>Filter, zum Beispiel linear_1 l=2</translation>
    </message>
    <message>
        <source>Shows the tensors whose name, module or kind matches every word; * stands for anything, ? for one character, l=2 for tensors with a path that ends in l = 2.</source>
        <translation>Zeigt die Tensoren, deren Name, Modul oder Art zu jedem Wort passt; * steht für Beliebiges, ? für ein Zeichen, l=2 für Tensoren mit einem Pfad, der in l = 2 endet.</translation>
    </message>
    <message>
        <source>Tick all shown</source>
        <translation>Gezeigte ankreuzen</translation>
    </message>
    <message>
        <source>Untick all shown</source>
        <translation>Gezeigte abwählen</translation>
    </message>
    <message>
        <source>Parameter blocks</source>
        <translation>Parameterblöcke</translation>
    </message>
    <message>
        <source>&amp;Preset</source>
        <translation>&amp;Voreinstellung</translation>
    </message>
    <message numerus="yes">
        <source>%n elements</source>
        <translation>
            <numerusform>%n Element</numerusform>
            <numerusform>%n Elemente</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2; cutoff %3 Å; %4; stored as %5</source>
        <translation>%1: %2; Abschneideradius %3 Å; %4; gespeichert als %5</translation>
    </message>
    <message numerus="yes">
        <source>%L1 parameters in %n tensors</source>
        <translation>
            <numerusform>%L1 Parameter in %n Tensor</numerusform>
            <numerusform>%L1 Parameter in %n Tensoren</numerusform>
        </translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>Blöcke</translation>
    </message>
    <message>
        <source>Ticks the tensors that a usual choice names, and no others</source>
        <translation>Kreuzt die Tensoren einer üblichen Wahl an und keine anderen</translation>
    </message>
    <message>
        <source>Ticks what the filter shows; what it hides stays as it is</source>
        <translation>Kreuzt an, was der Filter zeigt; was er verbirgt, bleibt, wie es ist</translation>
    </message>
    <message>
        <source>Unticks what the filter shows; what it hides stays as it is</source>
        <translation>Wählt ab, was der Filter zeigt; was er verbirgt, bleibt, wie es ist</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::CatalogueDialog</name>
    <message>
        <source>Model catalogue</source>
        <translation>Modellkatalog</translation>
    </message>
    <message>
        <source>Public weights that Lodestone reads. Nothing is fetched before you press Download; files go to %1.</source>
        <translation>Öffentliche Gewichte, die Lodestone liest. Vor dem Druck auf „Herunterladen“ wird nichts geholt; die Dateien kommen nach %1.</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>What is going on</source>
        <translation>Was gerade geschieht</translation>
    </message>
    <message>
        <source>About this model</source>
        <translation>Über dieses Modell</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>&amp;Download</source>
        <translation>&amp;Herunterladen</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>What has arrived is kept, and the download can be resumed</source>
        <translation>Was angekommen ist, bleibt erhalten, und das Herunterladen lässt sich fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>&amp;Öffnen</translation>
    </message>
    <message>
        <source>&amp;Show folder</source>
        <translation>Or&amp;dner zeigen</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>&amp;Schließen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Familie</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>fetching, %1 %</source>
        <translation>kommt, %1 %</translation>
    </message>
    <message>
        <source>here</source>
        <translation>vorhanden</translation>
    </message>
    <message>
        <source>partly here, %1 %</source>
        <translation>zum Teil da, %1 %</translation>
    </message>
    <message>
        <source>another file</source>
        <translation>andere Datei</translation>
    </message>
    <message>
        <source>not here</source>
        <translation>nicht da</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>A file of that name with another size (%1) is in the folder; move it away first</source>
        <translation>Im Ordner liegt eine Datei dieses Namens mit anderer Größe (%1); zuerst anderswohin verschieben</translation>
    </message>
    <message>
        <source>One download at a time</source>
        <translation>Immer nur ein Download zugleich</translation>
    </message>
    <message>
        <source>No published checksum: the file is taken as it comes, its hash is shown.</source>
        <translation>Keine veröffentlichte Prüfsumme: Die Datei wird genommen, wie sie kommt, ihr Hash wird gezeigt.</translation>
    </message>
    <message>
        <source>Cite</source>
        <translation>Zitieren</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>%1, %L2 bytes</source>
        <translation>%1, %L2 Bytes</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>SHA-256 of the file here</source>
        <translation>SHA-256 der Datei hier</translation>
    </message>
    <message>
        <source>Licence: %1. %2</source>
        <translation>Lizenz: %1. %2</translation>
    </message>
    <message>
        <source>%1: checking what is here already</source>
        <translation>%1: Schon Vorhandenes wird geprüft</translation>
    </message>
    <message>
        <source>%1 has been fetched; no checksum is published, its SHA-256 is %2.</source>
        <translation>%1 ist heruntergeladen; eine Prüfsumme ist nicht veröffentlicht, der SHA-256 ist %2.</translation>
    </message>
    <message>
        <source>%1 has been fetched and checked.</source>
        <translation>%1 ist heruntergeladen und geprüft.</translation>
    </message>
    <message>
        <source>%1: asking %2</source>
        <translation>%1: Anfrage an %2</translation>
    </message>
    <message>
        <source>%1: %2 of %3</source>
        <translation>%1: %2 von %3</translation>
    </message>
    <message>
        <source>%1, %2 a second, %3 left</source>
        <translation>%1, %2 pro Sekunde, noch %3</translation>
    </message>
    <message>
        <source>%1: checking the file</source>
        <translation>%1: Datei wird geprüft</translation>
    </message>
    <message>
        <source>%1 is not the file that the catalogue names: its SHA-256 is %2 instead of %3. Move it away to fetch it anew.</source>
        <translation>%1 ist nicht die Datei, die der Katalog nennt: Ihr SHA-256 ist %2 statt %3. Anderswohin verschieben, um sie neu zu holen.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ComparisonView</name>
    <message>
        <source>eV/atom</source>
        <translation>eV/Atom</translation>
    </message>
    <message>
        <source>eV/Å</source>
        <translation>eV/Å</translation>
    </message>
    <message>
        <source>eV/Å³</source>
        <translation>eV/Å³</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>Forces</source>
        <translation>Kräfte</translation>
    </message>
    <message>
        <source>Stress</source>
        <translation>Spannung</translation>
    </message>
    <message>
        <source>Moments |m|</source>
        <translation>Momente |m|</translation>
    </message>
    <message>
        <source>Moments, magnetic atoms</source>
        <translation>Momente, magnetische Atome</translation>
    </message>
    <message>
        <source>Moment vectors</source>
        <translation>Momentvektoren</translation>
    </message>
    <message>
        <source>Magnetic forces</source>
        <translation>Magnetische Kräfte</translation>
    </message>
    <message>
        <source>Magnetic forces, across the moments</source>
        <translation>Magnetische Kräfte, quer zu den Momenten</translation>
    </message>
    <message>
        <source>Moments of %1</source>
        <translation>Momente von %1</translation>
    </message>
    <message>
        <source>Changed parameters in percent of the eligible and of the whole model; validation errors (MAE). Forgetting: how far forces have moved from the base model&apos;s on crystals that are not in the data.</source>
        <translation>Geänderte Parameter in Prozent der änderbaren und des ganzen Modells; Validierungsfehler (MAE). Vergessen: wie weit sich die Kräfte auf Kristallen, die nicht in den Daten sind, von denen des Basismodells entfernt haben.</translation>
    </message>
    <message>
        <source>Comparison of runs</source>
        <translation>Vergleich von Läufen</translation>
    </message>
    <message>
        <source>Compared quantity</source>
        <translation>Verglichene Größe</translation>
    </message>
    <message>
        <source>Validation error that both charts show.</source>
        <translation>Validierungsfehler, den beide Diagramme zeigen.</translation>
    </message>
    <message>
        <source>&amp;Validation error of</source>
        <translation>&amp;Validierungsfehler</translation>
    </message>
    <message>
        <source>Tick runs in the list to compare them.</source>
        <translation>Läufe in der Liste ankreuzen, um sie zu vergleichen.</translation>
    </message>
    <message>
        <source>%1 MAE (%2)</source>
        <translation>%1, MAE (%2)</translation>
    </message>
    <message>
        <source>During training</source>
        <translation>Während des Trainings</translation>
    </message>
    <message>
        <source>active time (min)</source>
        <translation>aktive Zeit (min)</translation>
    </message>
    <message>
        <source>Error against changes</source>
        <translation>Fehler gegen Änderungen</translation>
    </message>
    <message>
        <source>changed / whole model (%)</source>
        <translation>geändert / ganzes Modell (%)</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>% of eligible</source>
        <translation>% der änderbaren</translation>
    </message>
    <message>
        <source>% of model</source>
        <translation>% des Modells</translation>
    </message>
    <message>
        <source>Energy (eV/atom)</source>
        <translation>Energie (eV/Atom)</translation>
    </message>
    <message>
        <source>Forces (eV/Å)</source>
        <translation>Kräfte (eV/Å)</translation>
    </message>
    <message>
        <source>Stress (eV/Å³)</source>
        <translation>Spannung (eV/Å³)</translation>
    </message>
    <message>
        <source>Forgetting (eV/Å)</source>
        <translation>Vergessen (eV/Å)</translation>
    </message>
    <message>
        <source>Active time</source>
        <translation>Aktive Zeit</translation>
    </message>
    <message>
        <source>eV/μB</source>
        <translation>eV/μB</translation>
    </message>
    <message>
        <source>μB</source>
        <translation>μB</translation>
    </message>
    <message>
        <source>Moments (μB)</source>
        <translation>Momente (μB)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ConfigForm</name>
    <message>
        <source>Open data to see which targets they have labels for.</source>
        <translation>Daten öffnen, um zu sehen, für welche Zielgrößen sie Referenzwerte haben.</translation>
    </message>
    <message>
        <source>energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>forces</source>
        <translation>Kräfte</translation>
    </message>
    <message>
        <source>stress</source>
        <translation>Spannung</translation>
    </message>
    <message>
        <source>moments</source>
        <translation>Momente</translation>
    </message>
    <message>
        <source>magnetic forces</source>
        <translation>magnetische Kräfte</translation>
    </message>
    <message>
        <source>no %1</source>
        <translation>keine %1</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1 in %2</translation>
    </message>
    <message numerus="yes">
        <source>Labels in %n frames: %1.</source>
        <translation>
            <numerusform>Referenzwerte in %n Konfiguration: %1.</numerusform>
            <numerusform>Referenzwerte in %n Konfigurationen: %1.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: &quot;%2&quot; is not a number in the range of this field.</source>
        <translation>%1: „%2“ ist keine Zahl im Bereich dieses Feldes.</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Sparse deltas</source>
        <translation>Dünn besetzte Deltas</translation>
    </message>
    <message>
        <source>L1-penalised deltas</source>
        <translation>Deltas mit L1-Strafe</translation>
    </message>
    <message>
        <source>Low-rank deltas</source>
        <translation>Deltas kleinen Rangs</translation>
    </message>
    <message>
        <source>Dense deltas</source>
        <translation>Dichte Deltas</translation>
    </message>
    <message>
        <source>Full fine-tuning</source>
        <translation>Volle Feinabstimmung</translation>
    </message>
    <message>
        <source>Readout only</source>
        <translation>Nur Auslese</translation>
    </message>
    <message>
        <source>Sparse: the ticked blocks get a delta of which most entries become exactly zero. L1: the same by a penalty on their size. Low-rank: the product of two thin matrices for each coupling. Dense: without zeros. Full: every parameter trains. Readout: only the readout trains.</source>
        <translation>Dünn besetzt: Die angekreuzten Blöcke bekommen ein Delta, dessen meiste Einträge genau null werden. L1: dasselbe durch eine Strafe auf ihre Größe. Kleiner Rang: das Produkt zweier schmaler Matrizen für jede Kopplung. Dicht: ohne Nullen. Voll: Jeder Parameter wird trainiert. Auslese: Nur die Ausleseschicht wird trainiert.</translation>
    </message>
    <message>
        <source>Sparsity</source>
        <translation>Dünnbesetztheit</translation>
    </message>
    <message>
        <source>L: best accuracy</source>
        <translation>L: höchste Genauigkeit</translation>
    </message>
    <message>
        <source>H: fewest changes</source>
        <translation>H: wenigste Änderungen</translation>
    </message>
    <message>
        <source>Target fraction</source>
        <translation>Zielanteil</translation>
    </message>
    <message>
        <source>How strongly deltas are driven to zero. L and H are the two settings of the published method; a target fraction steers the threshold so that the share you name remains.</source>
        <translation>Wie stark Deltas gegen null getrieben werden. L und H sind die beiden Einstellungen der veröffentlichten Methode; ein Zielanteil steuert die Schwelle so, dass der genannte Anteil übrig bleibt.</translation>
    </message>
    <message>
        <source>Change at most (%)</source>
        <translation>Höchstens ändern (%)</translation>
    </message>
    <message>
        <source>Share of the whole model&apos;s parameters that may differ from the base model at the end, in percent. The share of the eligible parameters is larger.</source>
        <translation>Anteil der Parameter des ganzen Modells, die am Ende vom Basismodell abweichen dürfen, in Prozent. Der Anteil an den änderbaren Parametern ist größer.</translation>
    </message>
    <message>
        <source>L1 penalty</source>
        <translation>L1-Strafe</translation>
    </message>
    <message>
        <source>How strongly L1 drives deltas to zero: each step takes the learning rate times this off every delta. An optimiser&apos;s step is about one learning rate, so values from 0.01 to 1 make sense.</source>
        <translation>Wie stark L1 die Deltas gegen null treibt: Jeder Schritt zieht von jedem Delta die Lernrate mal diesen Wert ab. Ein Schritt des Optimierers ist etwa eine Lernrate groß, daher sind Werte von 0.01 bis 1 sinnvoll.</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>Columns of the thin matrices of low-rank deltas, at most; paths with fewer channels take their own number.</source>
        <translation>Höchstzahl der Spalten der schmalen Matrizen von Deltas kleinen Rangs; Pfade mit weniger Kanälen nehmen deren Anzahl.</translation>
    </message>
    <message>
        <source>Scale of low-rank deltas</source>
        <translation>Skala bei kleinem Rang</translation>
    </message>
    <message>
        <source>The product of the thin matrices is multiplied by this over the rank.</source>
        <translation>Das Produkt der schmalen Matrizen wird mit diesem Wert, geteilt durch den Rang, multipliziert.</translation>
    </message>
    <message>
        <source>One threshold per path</source>
        <translation>Eine Schwelle je Pfad</translation>
    </message>
    <message>
        <source>Learns a threshold for each coupling of l in to l out instead of one for each tensor.</source>
        <translation>Lernt eine Schwelle für jede Kopplung von l am Eingang an l am Ausgang statt einer für jeden Tensor.</translation>
    </message>
    <message>
        <source>Targets and loss</source>
        <translation>Zielgrößen und Verlust</translation>
    </message>
    <message>
        <source>Weight of energy</source>
        <translation>Gewicht der Energie</translation>
    </message>
    <message>
        <source>Weight of the energy per atom (eV/atom) in the loss; 0 leaves it out.</source>
        <translation>Gewicht der Energie pro Atom (eV/Atom) im Verlust; 0 lässt sie weg.</translation>
    </message>
    <message>
        <source>Weight of forces</source>
        <translation>Gewicht der Kräfte</translation>
    </message>
    <message>
        <source>Weight of the force components (eV/Å) in the loss; 0 leaves them out.</source>
        <translation>Gewicht der Kraftkomponenten (eV/Å) im Verlust; 0 lässt sie weg.</translation>
    </message>
    <message>
        <source>Weight of stress</source>
        <translation>Gewicht der Spannung</translation>
    </message>
    <message>
        <source>Weight of the stress components (eV/Å³) in the loss; 0 leaves them out.</source>
        <translation>Gewicht der Spannungskomponenten (eV/Å³) im Verlust; 0 lässt sie weg.</translation>
    </message>
    <message>
        <source>Weight of moments</source>
        <translation>Gewicht der Momente</translation>
    </message>
    <message>
        <source>Weight of magnetic forces</source>
        <translation>Gewicht magn. Kräfte</translation>
    </message>
    <message>
        <source>Compare torques only</source>
        <translation>Nur Drehmomente vergleichen</translation>
    </message>
    <message>
        <source>Of a magnetic force only what lies across its moment enters the loss. Choose this for labels of calculations that hold the moments&apos; lengths by a constraint.</source>
        <translation>Von einer magnetischen Kraft geht nur der Teil quer zu ihrem Moment in den Verlust ein. Zu wählen für Referenzwerte aus Rechnungen, die die Beträge der Momente durch eine Zwangsbedingung festhalten.</translation>
    </message>
    <message>
        <source>Magnetic head</source>
        <translation>Magnetischer Kopf</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>Magnitude |m|</source>
        <translation>Betrag |m|</translation>
    </message>
    <message>
        <source>Moment vectors</source>
        <translation>Momentvektoren</translation>
    </message>
    <message>
        <source>Energy of moments</source>
        <translation>Energie der Momente</translation>
    </message>
    <message>
        <source>A small new network on the model&apos;s invariant features, trained from scratch and stored with the delta. Magnitude: |m| of every atom. Moment vectors: from the directions in the file. Energy of moments: what given moments cost, with magnetic forces and exchange couplings.</source>
        <translation>Ein kleines neues Netz auf den invarianten Merkmalen des Modells, von Grund auf trainiert und mit dem Delta gespeichert. Betrag: |m| jedes Atoms. Momentvektoren: aus den Richtungen in der Datei. Energie der Momente: was gegebene Momente kosten, mit magnetischen Kräften und Austauschkopplungen.</translation>
    </message>
    <message>
        <source>Loss function</source>
        <translation>Verlustfunktion</translation>
    </message>
    <message>
        <source>Huber</source>
        <translation>Huber</translation>
    </message>
    <message>
        <source>Absolute (MAE)</source>
        <translation>Absolut (MAE)</translation>
    </message>
    <message>
        <source>Squared (MSE)</source>
        <translation>Quadratisch (MSE)</translation>
    </message>
    <message>
        <source>Huber is squared for small and absolute for large errors, so single bad labels do not dominate.</source>
        <translation>Huber ist für kleine Fehler quadratisch und für große absolut, sodass einzelne schlechte Referenzwerte nicht überwiegen.</translation>
    </message>
    <message>
        <source>Huber width</source>
        <translation>Huber-Breite</translation>
    </message>
    <message>
        <source>Error at which the Huber loss turns from squared to absolute, in the units of each target.</source>
        <translation>Fehler, bei dem der Huber-Verlust von quadratisch zu absolut wechselt, in den Einheiten jeder Zielgröße.</translation>
    </message>
    <message>
        <source>Compare energies per atom</source>
        <translation>Energien pro Atom vergleichen</translation>
    </message>
    <message>
        <source>Divides energies by the number of atoms, so that large cells do not outweigh small ones.</source>
        <translation>Teilt Energien durch die Anzahl der Atome, damit große Zellen nicht schwerer wiegen als kleine.</translation>
    </message>
    <message>
        <source>Reference energies</source>
        <translation>Referenzenergien</translation>
    </message>
    <message>
        <source>Estimate from the data</source>
        <translation>Aus den Daten schätzen</translation>
    </message>
    <message>
        <source>Keep the model&apos;s</source>
        <translation>Die des Modells</translation>
    </message>
    <message>
        <source>Energies of isolated elements. Estimating them fits the offset between your calculations and the model&apos;s by least squares, before any training; keep them only if both used one setting.</source>
        <translation>Energien der isolierten Elemente. Beim Schätzen wird vor dem Training der Versatz zwischen den eigenen Rechnungen und denen des Modells nach kleinsten Quadraten angepasst; die des Modells nur behalten, wenn beide dieselben Einstellungen nutzten.</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation>Algorithmus</translation>
    </message>
    <message>
        <source>Schedule-free AdamW</source>
        <translation>Schedule-free AdamW</translation>
    </message>
    <message>
        <source>AdamW</source>
        <translation>AdamW</translation>
    </message>
    <message>
        <source>Schedule-free AdamW averages the weights by itself and needs no decaying learning rate.</source>
        <translation>Schedule-free AdamW mittelt die Gewichte von selbst und braucht keine fallende Lernrate.</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Size of a step. 1e-3 to 1e-2 suit sparse deltas; lower it if the loss jumps.</source>
        <translation>Größe eines Schritts. Für dünn besetzte Deltas eignen sich 1e-3 bis 1e-2; verkleinern, wenn der Verlust springt.</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>Konstant</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>Kosinus</translation>
    </message>
    <message>
        <source>Halved on plateaus</source>
        <translation>Halbiert bei Stillstand</translation>
    </message>
    <message>
        <source>How plain AdamW&apos;s learning rate goes down: along a cosine until the last step, or halved whenever the validation error has not improved for some epochs.</source>
        <translation>Wie die Lernrate des einfachen AdamW sinkt: längs eines Kosinus bis zum letzten Schritt, oder halbiert, sooft der Validierungsfehler einige Epochen lang nicht besser wurde.</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>How many times the training frames are gone through.</source>
        <translation>Wie oft die Trainingskonfigurationen durchlaufen werden.</translation>
    </message>
    <message>
        <source>Warm-up steps</source>
        <translation>Aufwärmschritte</translation>
    </message>
    <message>
        <source>Steps over which the learning rate rises from zero.</source>
        <translation>Schritte, über die die Lernrate von null ansteigt.</translation>
    </message>
    <message>
        <source>Edges a batch</source>
        <translation>Kanten je Stapel</translation>
    </message>
    <message>
        <source>A batch takes frames until their neighbour pairs reach this number (one frame at least). Memory grows with it: lower it if memory runs out.</source>
        <translation>Ein Stapel nimmt Konfigurationen auf, bis ihre Nachbarpaare diese Zahl erreichen (mindestens eine Konfiguration). Der Speicherbedarf wächst damit: verkleinern, wenn der Speicher nicht reicht.</translation>
    </message>
    <message>
        <source>Frames a batch</source>
        <translation>Konfig. je Stapel</translation>
    </message>
    <message>
        <source>At most so many frames a batch; with 0 only the edges count.</source>
        <translation>Höchstens so viele Konfigurationen je Stapel; bei 0 zählen nur die Kanten.</translation>
    </message>
    <message>
        <source>by edges only</source>
        <translation>nur nach Kanten</translation>
    </message>
    <message>
        <source>Gradient clipping</source>
        <translation>Gradientenbegrenzung</translation>
    </message>
    <message>
        <source>Gradients with a larger norm are scaled down to it; 0 switches this off.</source>
        <translation>Gradienten mit größerer Norm werden auf diese verkleinert; 0 schaltet das ab.</translation>
    </message>
    <message>
        <source>Data split</source>
        <translation>Datenaufteilung</translation>
    </message>
    <message>
        <source>Validation share</source>
        <translation>Validierungsanteil</translation>
    </message>
    <message>
        <source>Share of the frames held out to measure errors and to choose the best checkpoint, 0 to 0.9.</source>
        <translation>Anteil der Konfigurationen, die zurückgehalten werden, um Fehler zu messen und den besten Sicherungspunkt zu wählen, 0 bis 0.9.</translation>
    </message>
    <message>
        <source>Seed of the split</source>
        <translation>Startwert der Aufteilung</translation>
    </message>
    <message>
        <source>The same seed holds out the same frames.</source>
        <translation>Derselbe Startwert hält dieselben Konfigurationen zurück.</translation>
    </message>
    <message>
        <source>Training frames</source>
        <translation>Trainingskonfig.</translation>
    </message>
    <message>
        <source>Uses at most so many frames for training, for quick trials.</source>
        <translation>Verwendet höchstens so viele Konfigurationen zum Training, für schnelle Versuche.</translation>
    </message>
    <message>
        <source>Validation frames</source>
        <translation>Validierungskonfig.</translation>
    </message>
    <message>
        <source>Uses at most so many frames for validation.</source>
        <translation>Verwendet höchstens so viele Konfigurationen zur Validierung.</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>Against forgetting</source>
        <translation>Gegen das Vergessen</translation>
    </message>
    <message>
        <source>Replay the base model</source>
        <translation>Alte Daten wiederholen</translation>
    </message>
    <message>
        <source>Mixes frames that the base model labels into training, so that the tuned model keeps what the base model knew: crystals of one and two elements, strained and rattled.</source>
        <translation>Mischt Konfigurationen mit Referenzwerten aus dem Basismodell ins Training, damit das abgestimmte Modell behält, was das Basismodell wusste: Kristalle aus einem und zwei Elementen, verzerrt und mit ausgelenkten Atomen.</translation>
    </message>
    <message>
        <source>Replayed frames</source>
        <translation>Wiederholte Konfig.</translation>
    </message>
    <message>
        <source>How many such frames are made; they are small (2 to 8 atoms).</source>
        <translation>Wie viele solche Konfigurationen erzeugt werden; sie sind klein (2 bis 8 Atome).</translation>
    </message>
    <message>
        <source>Weight of each</source>
        <translation>Gewicht je Konfig.</translation>
    </message>
    <message>
        <source>Weight of a replayed frame in the loss, where a training frame has 1.</source>
        <translation>Gewicht einer wiederholten Konfiguration im Verlust; eine Trainingskonfiguration hat 1.</translation>
    </message>
    <message>
        <source>Frames to measure it</source>
        <translation>Konfig. zum Messen</translation>
    </message>
    <message>
        <source>At the end of a run, the tuned model is compared with the base model on so many other crystals, of elements that are not in your data where there are some.</source>
        <translation>Am Ende eines Laufs wird das abgestimmte Modell an so vielen anderen Kristallen mit dem Basismodell verglichen, möglichst aus Elementen, die nicht in den eigenen Daten vorkommen.</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Stop early after (epochs)</source>
        <translation>Früher enden nach (Epochen)</translation>
    </message>
    <message>
        <source>Ends the run when the validation error has not improved for so many epochs; 0: never.</source>
        <translation>Beendet den Lauf, wenn der Validierungsfehler so viele Epochen lang nicht besser wurde; 0: nie.</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>Random seed</source>
        <translation>Zufallsstartwert</translation>
    </message>
    <message>
        <source>The same seed on the same device gives the same numbers.</source>
        <translation>Derselbe Startwert auf demselben Gerät ergibt dieselben Zahlen.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>GPU (CUDA)</source>
        <translation>GPU (CUDA)</translation>
    </message>
    <message>
        <source>Where the engine computes. Automatic takes a GPU if the engine finds one.</source>
        <translation>Worauf der Rechenkern rechnet. „Automatisch“ nimmt eine GPU, wenn der Rechenkern eine findet.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>32 bit</source>
        <translation>32 Bit</translation>
    </message>
    <message>
        <source>64 bit</source>
        <translation>64 Bit</translation>
    </message>
    <message>
        <source>32 bit is the models&apos; own precision; 64 bit is slower and for checks.</source>
        <translation>32 Bit ist die eigene Genauigkeit der Modelle; 64 Bit ist langsamer und zum Nachprüfen gedacht.</translation>
    </message>
    <message>
        <source>Checkpoint every (min)</source>
        <translation>Sicherungspunkt alle (min)</translation>
    </message>
    <message>
        <source>A run that is stopped or killed goes on from its last checkpoint.</source>
        <translation>Ein beendeter oder abgebrochener Lauf geht von seinem letzten Sicherungspunkt aus weiter.</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>Gewichtszerfall</translation>
    </message>
    <message>
        <source>Decoupled decay of parameters that train directly (full, readout, heads).</source>
        <translation>Entkoppelter Zerfall der Parameter, die direkt trainiert werden (voll, Auslese, Köpfe).</translation>
    </message>
    <message>
        <source>Averaging (EMA)</source>
        <translation>Mittelung (EMA)</translation>
    </message>
    <message>
        <source>Factor of the running average of weights with plain AdamW, for example 0.999; 0: off.</source>
        <translation>Faktor des gleitenden Mittels der Gewichte beim einfachen AdamW, zum Beispiel 0.999; 0: aus.</translation>
    </message>
    <message>
        <source>Start of deltas, σ</source>
        <translation>Anfang der Deltas, σ</translation>
    </message>
    <message>
        <source>Deltas start from random numbers of this standard deviation: from zero they would get no gradient.</source>
        <translation>Deltas beginnen mit Zufallszahlen dieser Standardabweichung: Von null aus bekämen sie keinen Gradienten.</translation>
    </message>
    <message>
        <source>Start of the threshold</source>
        <translation>Anfang der Schwelle</translation>
    </message>
    <message>
        <source>Deltas smaller than the threshold count as zero. It starts here and is learnt.</source>
        <translation>Deltas unter der Schwelle gelten als null. Sie beginnt bei diesem Wert und wird gelernt.</translation>
    </message>
    <message>
        <source>Decay of the threshold</source>
        <translation>Zerfall der Schwelle</translation>
    </message>
    <message>
        <source>How fast the threshold drifts upwards against the loss; L uses 0.01, H uses 0.3.</source>
        <translation>Wie schnell die Schwelle gegen den Verlust nach oben driftet; L nimmt 0.01, H nimmt 0.3.</translation>
    </message>
    <message>
        <source>set by Sparsity</source>
        <translation>aus Dünnbesetztheit</translation>
    </message>
    <message>
        <source>Learning rate of thresholds</source>
        <translation>Lernrate der Schwellen</translation>
    </message>
    <message>
        <source>Learning rate of the thresholds alone.</source>
        <translation>Lernrate nur der Schwellen.</translation>
    </message>
    <message>
        <source>the learning rate</source>
        <translation>die Lernrate</translation>
    </message>
    <message>
        <source>Decay of deltas</source>
        <translation>Zerfall der Deltas</translation>
    </message>
    <message>
        <source>Decoupled decay of the deltas that are not zero.</source>
        <translation>Entkoppelter Zerfall der Deltas, die nicht null sind.</translation>
    </message>
    <message>
        <source>Weight of the magnetic moments (μB) in the loss; it needs one of the heads that predict them.</source>
        <translation>Gewicht der magnetischen Momente (μB) im Verlust; verlangt einen der Köpfe, die sie vorhersagen.</translation>
    </message>
    <message>
        <source>Weight of the magnetic forces −dE/dm (eV/μB) in the loss; it needs the head that gives the moments an energy.</source>
        <translation>Gewicht der magnetischen Kräfte −dE/dm (eV/μB) im Verlust; verlangt den Kopf, der den Momenten eine Energie gibt.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::DataPage</name>
    <message>
        <source>No data is open.
Open some with Ctrl+O, or drop files here.</source>
        <translation>Es sind keine Daten geöffnet.
Mit Strg+O öffnen oder Dateien hier ablegen.</translation>
    </message>
    <message>
        <source>Labels are read from</source>
        <translation>Referenzwerte stammen aus</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Konfigurationen</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Weglassen</translation>
    </message>
    <message>
        <source>Take in</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Als Text kopieren</translation>
    </message>
    <message>
        <source>Leave out selected</source>
        <translation>Auswahl weglassen</translation>
    </message>
    <message>
        <source>Take in selected</source>
        <translation>Auswahl aufnehmen</translation>
    </message>
    <message>
        <source>Leave out faulty</source>
        <translation>Fehlerhafte weglassen</translation>
    </message>
    <message>
        <source>Leaves out every frame in which the check found an error</source>
        <translation>Lässt jede Konfiguration weg, in der die Prüfung einen Fehler gefunden hat</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Choose a finding to select its frames in the table</source>
        <translation>Einen Befund wählen, um seine Konfigurationen in der Tabelle auszuwählen</translation>
    </message>
    <message>
        <source>Files read</source>
        <translation>Gelesene Dateien</translation>
    </message>
    <message>
        <source>Check before a run</source>
        <translation>Prüfung vor dem Lauf</translation>
    </message>
    <message>
        <source>What was read of every file, and what was not</source>
        <translation>Was aus jeder Datei gelesen wurde und was nicht</translation>
    </message>
    <message>
        <source>Being counted…</source>
        <translation>Wird gezählt…</translation>
    </message>
    <message>
        <source>Files: %1</source>
        <translation>Dateien: %1</translation>
    </message>
    <message>
        <source>frames: %1</source>
        <translation>Konfigurationen: %1</translation>
    </message>
    <message>
        <source>left out: %1</source>
        <translation>weggelassen: %1</translation>
    </message>
    <message>
        <source>atoms: %1</source>
        <translation>Atome: %1</translation>
    </message>
    <message>
        <source>energies</source>
        <translation>Energien</translation>
    </message>
    <message>
        <source>forces</source>
        <translation>Kräfte</translation>
    </message>
    <message>
        <source>stresses</source>
        <translation>Spannungen</translation>
    </message>
    <message>
        <source>moments</source>
        <translation>Momente</translation>
    </message>
    <message>
        <source>magnetic forces</source>
        <translation>magnetische Kräfte</translation>
    </message>
    <message>
        <source>%1 in %2 frames</source>
        <translation>%1 in %2 Konfigurationen</translation>
    </message>
    <message>
        <source>labels: %1</source>
        <translation>Referenzwerte: %1</translation>
    </message>
    <message>
        <source>Frames: %1</source>
        <translation>Konfigurationen: %1</translation>
    </message>
    <message>
        <source>Left out on reading: %1</source>
        <translation>Beim Lesen weggelassen: %1</translation>
    </message>
    <message>
        <source>The check is under way.</source>
        <translation>Die Prüfung läuft.</translation>
    </message>
    <message>
        <source>Nothing was found that speaks against a run.</source>
        <translation>Nichts gefunden, was gegen einen Lauf spricht.</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation>Atome</translation>
    </message>
    <message>
        <source>Energies</source>
        <translation>Energien</translation>
    </message>
    <message>
        <source>Forces</source>
        <translation>Kräfte</translation>
    </message>
    <message>
        <source>Stresses</source>
        <translation>Spannungen</translation>
    </message>
    <message>
        <source>Moments</source>
        <translation>Momente</translation>
    </message>
    <message>
        <source>Magnetic forces</source>
        <translation>Magnetische Kräfte</translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Energy per atom</source>
        <translation>Energie pro Atom</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>eV/atom</source>
        <translation>eV/Atom</translation>
    </message>
    <message>
        <source>|F| (eV/Å)</source>
        <translation>|F| (eV/Å)</translation>
    </message>
    <message>
        <source>atoms</source>
        <translation>Atome</translation>
    </message>
    <message>
        <source>|m| (μB)</source>
        <translation>|m| (μB)</translation>
    </message>
    <message>
        <source>Neighbours within the cutoff</source>
        <translation>Nachbarn im Abschneideradius</translation>
    </message>
    <message>
        <source>neighbours</source>
        <translation>Nachbarn</translation>
    </message>
    <message>
        <source>Energy against composition</source>
        <translation>Energie gegen Zusammensetzung</translation>
    </message>
    <message>
        <source>fit by composition (eV/atom)</source>
        <translation>Anpassung (eV/Atom)</translation>
    </message>
    <message>
        <source>label (eV/atom)</source>
        <translation>Referenz (eV/Atom)</translation>
    </message>
    <message>
        <source>Labels against the sum of one energy an element, fitted to all frames: what lies far from the diagonal is another phase, a strained cell, or an error</source>
        <translation>Referenzwerte gegen die Summe aus einer Energie je Element, an alle Konfigurationen angepasst: Was weit von der Diagonalen liegt, ist eine andere Phase, eine verzerrte Zelle oder ein Fehler</translation>
    </message>
    <message>
        <source>No energies.</source>
        <translation>Keine Energien.</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>Konfigurationen</translation>
    </message>
    <message>
        <source>No forces.</source>
        <translation>Keine Kräfte.</translation>
    </message>
    <message>
        <source>No moments.</source>
        <translation>Keine Momente.</translation>
    </message>
    <message>
        <source>Counted when a model is open: its cutoff says who is a neighbour.</source>
        <translation>Wird gezählt, sobald ein Modell geöffnet ist: Sein Abschneideradius bestimmt, wer Nachbar ist.</translation>
    </message>
    <message>
        <source>A run gets none of the frames that are chosen in the table</source>
        <translation>Ein Lauf bekommt keine der in der Tabelle ausgewählten Konfigurationen</translation>
    </message>
    <message>
        <source>A run gets the frames that are chosen in the table again</source>
        <translation>Ein Lauf bekommt die in der Tabelle ausgewählten Konfigurationen wieder</translation>
    </message>
    <message>
        <source>Reference energies</source>
        <translation>Referenzenergien</translation>
    </message>
    <message>
        <source>How far the labelled energies are from the open model&apos;s, element by element</source>
        <translation>Wie weit die Energien der Daten von denen des offenen Modells entfernt sind, Element für Element</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::DisplayPanel</name>
    <message>
        <source>main axis</source>
        <translation>Hauptachse</translation>
    </message>
    <message>
        <source>Magnetic moments</source>
        <translation>Magnetische Momente</translation>
    </message>
    <message>
        <source>Show arrows</source>
        <translation>Pfeile zeigen</translation>
    </message>
    <message>
        <source>Draw the magnetic moments as arrows</source>
        <translation>Magnetische Momente als Pfeile zeichnen</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Referenz</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Basismodell</translation>
    </message>
    <message>
        <source>Tuned model</source>
        <translation>Abgestimmt</translation>
    </message>
    <message>
        <source>Tuned − label</source>
        <translation>Abgest. − Referenz</translation>
    </message>
    <message>
        <source>Field, labels</source>
        <translation>Feld, Referenz</translation>
    </message>
    <message>
        <source>Field, tuned</source>
        <translation>Feld, abgestimmt</translation>
    </message>
    <message>
        <source>Colour by</source>
        <translation>Farbe nach</translation>
    </message>
    <message>
        <source>What the colour of an arrow means</source>
        <translation>Was die Farbe eines Pfeils bedeutet</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>Richtung</translation>
    </message>
    <message>
        <source>Magnitude</source>
        <translation>Betrag</translation>
    </message>
    <message>
        <source>Element</source>
        <translation>Element</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Whole vectors, or only the component along the axis</source>
        <translation>Ganze Vektoren oder nur die Komponente längs der Achse</translation>
    </message>
    <message>
        <source>Vectors</source>
        <translation>Vektoren</translation>
    </message>
    <message>
        <source>Along axis</source>
        <translation>Längs der Achse</translation>
    </message>
    <message>
        <source>Axis</source>
        <translation>Achse</translation>
    </message>
    <message>
        <source>Collinear moments are drawn along this axis; it is also the axis of up and down</source>
        <translation>Kollineare Momente werden längs dieser Achse gezeichnet; sie bestimmt auch, was auf und ab heißt</translation>
    </message>
    <message>
        <source>Main axis</source>
        <translation>Hauptachse</translation>
    </message>
    <message>
        <source>Anchor</source>
        <translation>Am Atom</translation>
    </message>
    <message>
        <source>Which part of the arrow sits on the atom</source>
        <translation>Welcher Teil des Pfeils auf dem Atom sitzt</translation>
    </message>
    <message>
        <source>Centre</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>Fuß</translation>
    </message>
    <message>
        <source>Head</source>
        <translation>Spitze</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Length of the arrows; in the middle the longest is as long as the shortest bond</source>
        <translation>Länge der Pfeile; in der Mitte ist der längste so lang wie die kürzeste Bindung</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Dicke</translation>
    </message>
    <message>
        <source>Thickness of the arrows</source>
        <translation>Dicke der Pfeile</translation>
    </message>
    <message>
        <source> μB</source>
        <translation> μB</translation>
    </message>
    <message>
        <source>Moments smaller than this (in Bohr magnetons) get no arrow</source>
        <translation>Kleinere Momente (in Bohrschen Magnetonen) bekommen keinen Pfeil</translation>
    </message>
    <message>
        <source>Hide moments below</source>
        <translation>Momente ausblenden unter</translation>
    </message>
    <message>
        <source>Hide below</source>
        <translation>Ausblenden unter</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation>Austausch</translation>
    </message>
    <message>
        <source>Exchange bonds</source>
        <translation>Austauschbindungen</translation>
    </message>
    <message>
        <source>Pairs of moments coloured by their coupling J, thicker the stronger: orange ferromagnetic (J &gt; 0), blue antiferromagnetic. For runs with the head spin-energy or vector</source>
        <translation>Paare von Momenten, gefärbt nach ihrer Kopplung J, je stärker, desto dicker: orange ferromagnetisch (J &gt; 0), blau antiferromagnetisch. Für Läufe mit dem Kopf spin-energy oder vector</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Couplings weaker than this share of the strongest are not drawn</source>
        <translation>Kopplungen, die schwächer als dieser Anteil der stärksten sind, werden nicht gezeichnet</translation>
    </message>
    <message>
        <source>Hide exchange bonds below</source>
        <translation>Austauschbindungen ausblenden unter</translation>
    </message>
    <message>
        <source>Atoms and bonds</source>
        <translation>Atome und Bindungen</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Element colours as in Jmol, as in VESTA, or eight that people with colour-vision deficiencies can tell apart</source>
        <translation>Elementfarben wie in Jmol, wie in VESTA oder acht, die sich auch bei Farbfehlsichtigkeit unterscheiden lassen</translation>
    </message>
    <message>
        <source>Jmol</source>
        <translation>Jmol</translation>
    </message>
    <message>
        <source>VESTA</source>
        <translation>VESTA</translation>
    </message>
    <message>
        <source>Colour-blind safe</source>
        <translation>Farbenblindensicher</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Radius of the spheres; in the middle 0.4 covalent radii</source>
        <translation>Radius der Kugeln; in der Mitte 0.4 Kovalenzradien</translation>
    </message>
    <message>
        <source>Bonds</source>
        <translation>Bindungen</translation>
    </message>
    <message>
        <source>Join atoms closer than 1.15 times the sum of their covalent radii</source>
        <translation>Atome verbinden, die näher sind als das 1.15-Fache der Summe ihrer Kovalenzradien</translation>
    </message>
    <message>
        <source>Also between metals</source>
        <translation>Auch zwischen Metallen</translation>
    </message>
    <message>
        <source>Join metal atoms with each other as well</source>
        <translation>Auch Metallatome miteinander verbinden</translation>
    </message>
    <message>
        <source>Cell</source>
        <translation>Zelle</translation>
    </message>
    <message>
        <source>Cell edges</source>
        <translation>Zellkanten</translation>
    </message>
    <message>
        <source>Draw the edges of the unit cell</source>
        <translation>Kanten der Elementarzelle zeichnen</translation>
    </message>
    <message>
        <source>Further cells drawn along %1</source>
        <translation>Weitere Zellen, gezeichnet längs %1</translation>
    </message>
    <message>
        <source>Periodic images along %1</source>
        <translation>Periodische Bilder längs %1</translation>
    </message>
    <message>
        <source>Periodic images</source>
        <translation>Periodische Bilder</translation>
    </message>
    <message>
        <source>Whose moments: the data&apos;s labels, the base (|m| of each element&apos;s mean in the training frames), the tuned model&apos;s, or tuned minus label; or the effective fields −dE/dm on the moments, as labelled and as a tuned model with the head spin-energy gives them</source>
        <translation>Wessen Momente: die Referenzwerte der Daten, die Basis (mittleres |m| jedes Elements in den Trainingskonfigurationen), die des abgestimmten Modells oder abgestimmt minus Referenz; oder die effektiven Felder −dE/dm an den Momenten, nach den Referenzwerten und nach einem abgestimmten Modell mit dem Kopf spin-energy</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::DownloadWorker</name>
    <message>
        <source>%1 has sent nothing for %2 seconds. %3</source>
        <translation>%1 hat seit %2 Sekunden nichts gesendet. %3</translation>
    </message>
    <message>
        <source>%1 is not an https address: nothing is fetched from there.</source>
        <translation>%1 ist keine https-Adresse: Von dort wird nichts geholt.</translation>
    </message>
    <message>
        <source>%1 is there already; move it away to fetch it anew.</source>
        <translation>%1 ist schon da; anderswohin verschieben, um es neu zu holen.</translation>
    </message>
    <message>
        <source>There is not enough room in %1: %2 are needed and %3 are free. Nothing was fetched.</source>
        <translation>In %1 ist nicht genug Platz: %2 werden gebraucht, %3 sind frei. Nichts wurde geholt.</translation>
    </message>
    <message>
        <source>%1 sends on to %2, which is not an https address: nothing was fetched from there. %3</source>
        <translation>%1 verweist auf %2, und das ist keine https-Adresse: Von dort wurde nichts geholt. %3</translation>
    </message>
    <message>
        <source>%1 sends on again and again: nothing was fetched from there. %2</source>
        <translation>%1 verweist immer wieder weiter: Von dort wurde nichts geholt. %2</translation>
    </message>
    <message>
        <source>%1 refuses to send the file (%2): perhaps too much was fetched from there. Try again later. %3</source>
        <translation>%1 verweigert die Datei (%2): Vielleicht wurde von dort zu viel geholt. Später noch einmal versuchen. %3</translation>
    </message>
    <message>
        <source>The file is no longer at %1 (%2). A newer version of Lodestone may know where it is.</source>
        <translation>Die Datei liegt nicht mehr unter %1 (%2). Eine neuere Version von Lodestone weiß vielleicht, wo sie ist.</translation>
    </message>
    <message>
        <source>%1 cannot send the file now (%2 %3). Try again later. %4</source>
        <translation>%1 kann die Datei gerade nicht senden (%2 %3). Später noch einmal versuchen. %4</translation>
    </message>
    <message>
        <source>%1 offers a file of %L2 bytes, the catalogue names %L3: it is another version. Nothing of it was kept.</source>
        <translation>%1 bietet eine Datei von %L2 Bytes an, der Katalog nennt %L3: Es ist eine andere Version. Nichts davon wurde behalten.</translation>
    </message>
    <message>
        <source>%1 answers with another part of the file than was asked for. Try again later.</source>
        <translation>%1 antwortet mit einem anderen Teil der Datei als angefragt. Später noch einmal versuchen.</translation>
    </message>
    <message>
        <source>%1 sends more than the %L2 bytes that the catalogue names: it is another file. What had arrived was removed.</source>
        <translation>%1 sendet mehr als die %L2 Bytes, die der Katalog nennt: Es ist eine andere Datei. Was angekommen war, wurde gelöscht.</translation>
    </message>
    <message>
        <source>When the disk takes more, Resume goes on from there.</source>
        <translation>Sobald der Datenträger mehr aufnimmt, macht „Fortsetzen“ von dort weiter.</translation>
    </message>
    <message>
        <source>This machine&apos;s Qt cannot speak https; install OpenSSL&apos;s libraries.</source>
        <translation>Das Qt dieses Rechners beherrscht kein https; die Bibliotheken von OpenSSL installieren.</translation>
    </message>
    <message>
        <source>%1 cannot be reached: %2.</source>
        <translation>%1 ist nicht erreichbar: %2.</translation>
    </message>
    <message>
        <source>The connection to %1 broke: %2. %3</source>
        <translation>Die Verbindung zu %1 ist abgerissen: %2. %3</translation>
    </message>
    <message>
        <source>%1 ended the file early. %2</source>
        <translation>%1 hat die Datei zu früh beendet. %2</translation>
    </message>
    <message>
        <source>What arrived is not the file that the catalogue names: its SHA-256 is %1 instead of %2. It was removed. Try again; if it stays so, the file has been replaced at its address.</source>
        <translation>Angekommen ist nicht die Datei, die der Katalog nennt: Ihr SHA-256 ist %1 statt %2. Sie wurde gelöscht. Noch einmal versuchen; bleibt es dabei, wurde die Datei unter ihrer Adresse ersetzt.</translation>
    </message>
    <message>
        <source>%1 of %2 are kept; Resume goes on from there.</source>
        <translation>%1 von %2 sind erhalten; „Fortsetzen“ macht von dort weiter.</translation>
    </message>
    <message>
        <source>Nothing has arrived yet.</source>
        <translation>Noch ist nichts angekommen.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::EngineClient</name>
    <message>
        <source>The program lodestone-engine was not found. Put it beside lodestone, or name it in the environment variable LODESTONE_ENGINE.</source>
        <translation>Das Programm lodestone-engine wurde nicht gefunden. Es neben lodestone legen oder in der Umgebungsvariablen LODESTONE_ENGINE nennen.</translation>
    </message>
    <message>
        <source>Engine busy</source>
        <translation>Rechenkern rechnet</translation>
    </message>
    <message>
        <source>Engine not found</source>
        <translation>Rechenkern nicht gefunden</translation>
    </message>
    <message>
        <source>Engine ready</source>
        <translation>Rechenkern bereit</translation>
    </message>
    <message>
        <source>%1 could not be started: %2.</source>
        <translation>%1 konnte nicht gestartet werden: %2.</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly; it is started again with the next request.</source>
        <translation>Der Rechenkern endete unerwartet; mit der nächsten Anfrage wird er neu gestartet.</translation>
    </message>
    <message>
        <source>The engine ended with exit code %1.</source>
        <translation>Der Rechenkern endete mit dem Rückgabewert %1.</translation>
    </message>
    <message>
        <source>Engine stopped</source>
        <translation>Rechenkern beendet</translation>
    </message>
    <message>
        <source>Engine starting</source>
        <translation>Rechenkern startet</translation>
    </message>
    <message>
        <source>Not understood from the engine: %1</source>
        <translation>Vom Rechenkern nicht verstanden: %1</translation>
    </message>
    <message>
        <source>The engine reported an error without a text.</source>
        <translation>Der Rechenkern meldete einen Fehler ohne Text.</translation>
    </message>
    <message>
        <source>The engine&apos;s answer holds neither a result nor an error.</source>
        <translation>Die Antwort des Rechenkerns enthält weder ein Ergebnis noch einen Fehler.</translation>
    </message>
    <message>
        <source>The engine %1 is of another version than this window (its protocol is %2, not %3). Install both from the same release, or name the right engine in the environment variable LODESTONE_ENGINE.</source>
        <translation>Das Rechenprogramm %1 hat eine andere Version als dieses Fenster (sein Protokoll ist %2, nicht %3). Installieren Sie beide aus derselben Ausgabe, oder nennen Sie das richtige in der Umgebungsvariablen LODESTONE_ENGINE.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ExchangeBonds</name>
    <message>
        <source>J (meV)</source>
        <translation>J (meV)</translation>
    </message>
    <message>
        <source>Of %L1 exchange bonds the %L2 strongest are drawn.</source>
        <translation>Von %L1 Austauschbindungen sind die %L2 stärksten gezeichnet.</translation>
    </message>
    <message>
        <source>J (meV/μB²)</source>
        <translation>J (meV/μB²)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::FormHistory</name>
    <message>
        <source>Change settings</source>
        <translation>(Einstellungen ändern)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::FrameBar</name>
    <message>
        <source>Play the frames one after another</source>
        <translation>Konfigurationen nacheinander abspielen</translation>
    </message>
    <message>
        <source>Play frames</source>
        <translation>Konfigurationen abspielen</translation>
    </message>
    <message>
        <source>Frame in view</source>
        <translation>Gezeigte Konfiguration</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>Number of the frame in view, from 1</source>
        <translation>Nummer der gezeigten Konfiguration, ab 1</translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation>Nummer der Konfiguration</translation>
    </message>
    <message>
        <source> of %1</source>
        <translation> von %1</translation>
    </message>
    <message>
        <source>Stop at this frame</source>
        <translation>Hier anhalten</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::FrameTableModel</name>
    <message>
        <source>unknown element</source>
        <translation>unbekanntes Element</translation>
    </message>
    <message>
        <source>no labels</source>
        <translation>keine Referenz</translation>
    </message>
    <message>
        <source>no energy</source>
        <translation>keine Energie</translation>
    </message>
    <message>
        <source>no forces</source>
        <translation>keine Kräfte</translation>
    </message>
    <message>
        <source>no stress</source>
        <translation>keine Spannung</translation>
    </message>
    <message>
        <source>no moments</source>
        <translation>keine Momente</translation>
    </message>
    <message>
        <source>no magnetic forces</source>
        <translation>keine magn. Kräfte</translation>
    </message>
    <message>
        <source>copy</source>
        <translation>Kopie</translation>
    </message>
    <message>
        <source>contradiction</source>
        <translation>Widerspruch</translation>
    </message>
    <message>
        <source>large force</source>
        <translation>große Kraft</translation>
    </message>
    <message>
        <source>unusual energy</source>
        <translation>auffällige Energie</translation>
    </message>
    <message>
        <source>other method</source>
        <translation>andere Methode</translation>
    </message>
    <message>
        <source>close atoms</source>
        <translation>zu nahe Atome</translation>
    </message>
    <message>
        <source>lone atoms</source>
        <translation>isolierte Atome</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>Formel</translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation>Atome</translation>
    </message>
    <message>
        <source>E (eV/atom)</source>
        <translation>E (eV/Atom)</translation>
    </message>
    <message>
        <source>max |F| (eV/Å)</source>
        <translation>max |F| (eV/Å)</translation>
    </message>
    <message>
        <source>max |m| (μB)</source>
        <translation>max |m| (μB)</translation>
    </message>
    <message>
        <source>Finding</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Labelled energy per atom in eV</source>
        <translation>Referenzwert der Energie pro Atom in eV</translation>
    </message>
    <message>
        <source>Largest labelled force in eV/Å</source>
        <translation>Größte Kraft unter den Referenzwerten in eV/Å</translation>
    </message>
    <message>
        <source>Largest labelled moment in Bohr magnetons</source>
        <translation>Größtes Moment unter den Referenzwerten in Bohrschen Magnetonen</translation>
    </message>
    <message>
        <source>What the check before a run says of the frame</source>
        <translation>Was die Prüfung vor dem Lauf zu der Konfiguration sagt</translation>
    </message>
    <message>
        <source>File and place in it</source>
        <translation>Datei und Stelle darin</translation>
    </message>
    <message>
        <source>Number of the frame, from 1; ticked frames are used</source>
        <translation>Nummer der Konfiguration, ab 1; angekreuzte werden verwendet</translation>
    </message>
    <message>
        <source>Atoms of each element</source>
        <translation>Atome je Element</translation>
    </message>
    <message>
        <source>Number of atoms</source>
        <translation>Anzahl der Atome</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::HeatMap</name>
    <message>
        <source>No data yet.</source>
        <translation>Noch keine Daten.</translation>
    </message>
    <message>
        <source>Heat map of %1</source>
        <translation>Karte: %1</translation>
    </message>
    <message>
        <source>&amp;Copy numbers</source>
        <translation>&amp;Zahlen kopieren</translation>
    </message>
    <message>
        <source>&amp;Save as…</source>
        <translation>&amp;Speichern unter…</translation>
    </message>
    <message>
        <source>Save the heat map</source>
        <translation>Karte speichern</translation>
    </message>
    <message>
        <source>PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)</source>
        <translation>PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 could not be written.</source>
        <translation>%1 konnte nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>kein Wert</translation>
    </message>
    <message>
        <source>row %1</source>
        <translation>Zeile %1</translation>
    </message>
    <message>
        <source>column %1</source>
        <translation>Spalte %1</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::HelpWindow</name>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Search in all pages</source>
        <translation>In allen Seiten suchen</translation>
    </message>
    <message>
        <source>Search in the help</source>
        <translation>In der Hilfe suchen</translation>
    </message>
    <message>
        <source>Pages of the help</source>
        <translation>Seiten der Hilfe</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Forward</source>
        <translation>&amp;Vorwärts</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::KeyEditor</name>
    <message>
        <source>&amp;Energy</source>
        <translation>&amp;Energie</translation>
    </message>
    <message>
        <source>&amp;Forces</source>
        <translation>&amp;Kräfte</translation>
    </message>
    <message>
        <source>&amp;Stress</source>
        <translation>&amp;Spannung</translation>
    </message>
    <message>
        <source>&amp;Virial</source>
        <translation>&amp;Virial</translation>
    </message>
    <message>
        <source>&amp;Moments</source>
        <translation>&amp;Momente</translation>
    </message>
    <message>
        <source>Magn. fo&amp;rces</source>
        <translation>Ma&amp;gn. Kräfte</translation>
    </message>
    <message>
        <source>Energy of the frame in eV</source>
        <translation>Energie der Konfiguration in eV</translation>
    </message>
    <message>
        <source>Forces in eV/Å</source>
        <translation>Kräfte in eV/Å</translation>
    </message>
    <message>
        <source>Stress in eV/Å³, tension positive</source>
        <translation>Spannung in eV/Å³, Zug positiv</translation>
    </message>
    <message>
        <source>Virial in eV: minus stress times volume</source>
        <translation>Virial in eV: minus Spannung mal Volumen</translation>
    </message>
    <message>
        <source>Magnetic moments in Bohr magnetons</source>
        <translation>Magnetische Momente in Bohrschen Magnetonen</translation>
    </message>
    <message>
        <source>Magnetic forces −dE/dm in eV per Bohr magneton</source>
        <translation>Magnetische Kräfte −dE/dm in eV pro Bohrschem Magneton</translation>
    </message>
    <message>
        <source>none in the files</source>
        <translation>keine in den Dateien</translation>
    </message>
    <message>
        <source>none recognised</source>
        <translation>keine erkannt</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::LogView</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Messages of the engine and of this window.</source>
        <translation>Meldungen des Rechenkerns und dieses Fensters.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::MainWindow</name>
    <message>
        <source>The settings in %1 were written by a newer version of Lodestone and are left alone: this window begins without any. Update Lodestone to use them.</source>
        <translation>Die Einstellungen in %1 stammen von einer neueren Version von Lodestone und bleiben unberührt: Dieses Fenster beginnt ohne. Um sie zu verwenden, muss Lodestone aktualisiert werden.</translation>
    </message>
    <message>
        <source>Lodestone</source>
        <translation>Lodestone</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>Projekt</translation>
    </message>
    <message>
        <source>Nothing is selected.</source>
        <translation>Nichts ist ausgewählt.</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>Inspektor</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation>Atome</translation>
    </message>
    <message>
        <source>The demo&apos;s files were not found: the folder resources/demo is missing or incomplete.</source>
        <translation>Die Dateien der Demo wurden nicht gefunden: Der Ordner resources/demo fehlt oder ist unvollständig.</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>Models (%1);;All files (*)</source>
        <translation>Modelle (%1);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Add data</source>
        <translation>Daten hinzufügen</translation>
    </message>
    <message>
        <source>Open data</source>
        <translation>Daten öffnen</translation>
    </message>
    <message>
        <source>Open a run</source>
        <translation>Lauf öffnen</translation>
    </message>
    <message>
        <source>The project names files that are not there; it was opened without %1.</source>
        <translation>Das Projekt nennt Dateien, die es nicht gibt; es wurde ohne %1 geöffnet.</translation>
    </message>
    <message>
        <source>A run is going on</source>
        <translation>Ein Lauf ist im Gang</translation>
    </message>
    <message>
        <source>The run “%1” goes on without this window.</source>
        <translation>Der Lauf „%1“ geht ohne dieses Fenster weiter.</translation>
    </message>
    <message>
        <source>It is found again when Lodestone is opened the next time. It can also be stopped now; it then writes a checkpoint and can be resumed.</source>
        <translation>Er wird wiedergefunden, wenn Lodestone das nächste Mal geöffnet wird. Er kann auch jetzt beendet werden; dann schreibt er einen Sicherungspunkt und lässt sich fortsetzen.</translation>
    </message>
    <message>
        <source>Let it go on</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Stop the run</source>
        <translation>Lauf beenden</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>Open the &amp;demo</source>
        <translation>&amp;Demo öffnen</translation>
    </message>
    <message>
        <source>Ctrl+D</source>
        <translation>Ctrl+D</translation>
    </message>
    <message>
        <source>Open a &amp;model…</source>
        <translation>&amp;Modell öffnen…</translation>
    </message>
    <message>
        <source>Ctrl+M</source>
        <translation>Ctrl+M</translation>
    </message>
    <message>
        <source>&amp;Open data…</source>
        <translation>Da&amp;ten öffnen…</translation>
    </message>
    <message>
        <source>&amp;Add data…</source>
        <translation>Daten &amp;hinzufügen…</translation>
    </message>
    <message>
        <source>Ctrl+Shift+O</source>
        <translation>Ctrl+Shift+O</translation>
    </message>
    <message>
        <source>Open a &amp;run…</source>
        <translation>&amp;Lauf öffnen…</translation>
    </message>
    <message>
        <source>Ctrl+R</source>
        <translation>Ctrl+R</translation>
    </message>
    <message>
        <source>Re&amp;cent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Ctrl+Q</source>
        <translation>Ctrl+Q</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>Ctrl+,</source>
        <translation>Ctrl+,</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>Ctrl+%1</source>
        <translation>Ctrl+%1</translation>
    </message>
    <message>
        <source>Ctrl+Shift+P</source>
        <translation>Ctrl+Shift+P</translation>
    </message>
    <message>
        <source>Ctrl+Shift+I</source>
        <translation>Ctrl+Shift+I</translation>
    </message>
    <message>
        <source>Ctrl+Shift+L</source>
        <translation>Ctrl+Shift+L</translation>
    </message>
    <message>
        <source>Ctrl+Shift+A</source>
        <translation>Ctrl+Shift+A</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>&amp;Vollbild</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Lauf</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Ctrl+Alt+P</source>
        <translation>Ctrl+Alt+P</translation>
    </message>
    <message>
        <source>Ctrl+Alt+G</source>
        <translation>Ctrl+Alt+G</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Ctrl+Alt+S</source>
        <translation>Ctrl+Alt+S</translation>
    </message>
    <message>
        <source>&amp;Close the run</source>
        <translation>Lauf &amp;schließen</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Help on this page</source>
        <translation>&amp;Hilfe zu dieser Seite</translation>
    </message>
    <message>
        <source>&amp;Twelve tasks</source>
        <translation>&amp;Zwölf Aufgaben</translation>
    </message>
    <message>
        <source>&amp;Shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>Ctrl+F1</source>
        <translation>Ctrl+F1</translation>
    </message>
    <message>
        <source>&amp;About Lodestone</source>
        <translation>Ü&amp;ber Lodestone</translation>
    </message>
    <message>
        <source>Projects (*%1)</source>
        <translation>Projekte (*%1)</translation>
    </message>
    <message>
        <source>&amp;New project</source>
        <translation>&amp;Neues Projekt</translation>
    </message>
    <message>
        <source>Ctrl+N</source>
        <translation>Ctrl+N</translation>
    </message>
    <message>
        <source>Open a pro&amp;ject…</source>
        <translation>&amp;Projekt öffnen…</translation>
    </message>
    <message>
        <source>Ctrl+Alt+O</source>
        <translation>Ctrl+Alt+O</translation>
    </message>
    <message>
        <source>&amp;Save the project</source>
        <translation>Projekt &amp;speichern</translation>
    </message>
    <message>
        <source>Ctrl+S</source>
        <translation>Ctrl+S</translation>
    </message>
    <message>
        <source>Save the project &amp;as…</source>
        <translation>Projekt speichern &amp;unter…</translation>
    </message>
    <message>
        <source>Ctrl+Shift+S</source>
        <translation>Ctrl+Shift+S</translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation>Projekt speichern</translation>
    </message>
    <message>
        <source>The project was saved as %1.</source>
        <translation>Das Projekt wurde als %1 gespeichert.</translation>
    </message>
    <message>
        <source>The project was changed</source>
        <translation>Das Projekt wurde geändert</translation>
    </message>
    <message>
        <source>The project “%1” was changed since it was saved.</source>
        <translation>Das Projekt „%1“ wurde seit dem Speichern geändert.</translation>
    </message>
    <message>
        <source>Models, data and runs are files of their own and stay as they are.</source>
        <translation>Modelle, Daten und Läufe sind eigene Dateien und bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Open a project</source>
        <translation>Projekt öffnen</translation>
    </message>
    <message>
        <source>%1 is neither a project, nor a model, data file or run folder that Lodestone can read.</source>
        <translation>%1 ist weder ein Projekt noch ein Modell, eine Datendatei oder der Ordner eines Laufs, die Lodestone lesen kann.</translation>
    </message>
    <message>
        <source>Model cata&amp;logue…</source>
        <translation>Modell&amp;katalog…</translation>
    </message>
    <message>
        <source>Ctrl+Shift+M</source>
        <translation>Ctrl+Shift+M</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>What is open is in no project</source>
        <translation>Was geöffnet ist, gehört zu keinem Projekt</translation>
    </message>
    <message>
        <source>The choice of blocks, frames and settings is lost unless it is saved in a project.</source>
        <translation>Die Auswahl der Blöcke und Konfigurationen und die Einstellungen gehen verloren, wenn sie nicht in einem Projekt gespeichert werden.</translation>
    </message>
    <message>
        <source>Structures (*.extxyz *.xyz *.cif *.mcif *.vasp *.poscar POSCAR* CONTCAR* OUTCAR* *.outcar vasprun*.xml *.h5 *.hdf5 *.json type.raw *.gz *.zst);;All files (*)</source>
        <translation>Strukturen (*.extxyz *.xyz *.cif *.mcif *.vasp *.poscar POSCAR* CONTCAR* OUTCAR* *.outcar vasprun*.xml *.h5 *.hdf5 *.json type.raw *.gz *.zst);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::MeasureTool</name>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Click two atoms for their distance, a third for the angle at the second, a fourth for the dihedral angle. Clicking the last one again takes it away</source>
        <translation>Zwei Atome anklicken für ihren Abstand, ein drittes für den Winkel am zweiten, ein viertes für den Diederwinkel. Ein zweiter Klick auf das letzte nimmt es zurück</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Measurement</name>
    <message>
        <source>%1 Å</source>
        <translation>%1 Å</translation>
    </message>
    <message>
        <source>%1°</source>
        <translation>%1°</translation>
    </message>
    <message>
        <source>dihedral %1°</source>
        <translation>Diederwinkel %1°</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::PageStack</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ParityView</name>
    <message>
        <source>Forgetting</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>Validierung</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Test</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Frames shown</source>
        <translation>Gezeigte Konfigurationen</translation>
    </message>
    <message>
        <source>Which frames the plots show. Training frames flatter a model.</source>
        <translation>Welche Konfigurationen die Diagramme zeigen. Trainingskonfigurationen schmeicheln einem Modell.</translation>
    </message>
    <message>
        <source>&amp;Frames</source>
        <translation>&amp;Konfigurationen</translation>
    </message>
    <message>
        <source>label (%1)</source>
        <translation>Referenz (%1)</translation>
    </message>
    <message>
        <source>model (%1)</source>
        <translation>Modell (%1)</translation>
    </message>
    <message>
        <source>Grey: base model; colour: tuned model; dashed: perfect agreement.</source>
        <translation>Grau: Basismodell; farbig: abgestimmtes Modell; gestrichelt: völlige Übereinstimmung.</translation>
    </message>
    <message>
        <source>mean |m| per element</source>
        <translation>mittleres |m| je Element</translation>
    </message>
    <message>
        <source>base</source>
        <translation>Basis</translation>
    </message>
    <message>
        <source>tuned</source>
        <translation>abgestimmt</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Plot</name>
    <message>
        <source>No data yet.</source>
        <translation>Noch keine Daten.</translation>
    </message>
    <message>
        <source>Chart of %1 against %2</source>
        <translation>Diagramm: %1 gegen %2</translation>
    </message>
    <message>
        <source>&amp;Fit all</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>Logarithmic &amp;x axis</source>
        <translation>Logarithmische &amp;x-Achse</translation>
    </message>
    <message>
        <source>Logarithmic &amp;y axis</source>
        <translation>Logarithmische &amp;y-Achse</translation>
    </message>
    <message>
        <source>&amp;Copy numbers</source>
        <translation>&amp;Zahlen kopieren</translation>
    </message>
    <message>
        <source>&amp;Save as…</source>
        <translation>&amp;Speichern unter…</translation>
    </message>
    <message>
        <source>Save the chart</source>
        <translation>Diagramm speichern</translation>
    </message>
    <message>
        <source>PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)</source>
        <translation>PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 could not be written.</source>
        <translation>%1 konnte nicht geschrieben werden.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ProjectTree</name>
    <message>
        <source>epoch %1 of %2</source>
        <translation>Epoche %1 von %2</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>not started</source>
        <translation>nicht begonnen</translation>
    </message>
    <message>
        <source>of a newer version</source>
        <translation>von einer neueren Version</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>Projekt</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Data sets</source>
        <translation>Datensätze</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>noch keine</translation>
    </message>
    <message>
        <source>1 frame</source>
        <translation>1 Konfig.</translation>
    </message>
    <message>
        <source>%1 frames</source>
        <translation>%1 Konfig.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Remove from the recent files</source>
        <translation>Aus den zuletzt geöffneten entfernen</translation>
    </message>
    <message>
        <source>Remove from the list of runs</source>
        <translation>Aus der Liste der Läufe entfernen</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>waiting in the queue (%1)</source>
        <translation>wartet in der Warteschlange (%1)</translation>
    </message>
    <message>
        <source>in the queue</source>
        <translation>in der Warteschlange</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::RecentFiles</name>
    <message>
        <source>Clear the list</source>
        <translation>Liste leeren</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ReferencePanel</name>
    <message>
        <source>Shift of each element&apos;s reference energy</source>
        <translation>Verschiebung der Referenzenergie jedes Elements</translation>
    </message>
    <message>
        <source>What has to be added to the model&apos;s energy of each atom of this element so that it fits the labels best; a run adds it when its reference energies are fitted</source>
        <translation>Was zur Modellenergie jedes Atoms dieses Elements hinzukommen muss, damit sie am besten zu den Referenzwerten passt; ein Lauf addiert es, wenn er die Referenzenergien anpasst</translation>
    </message>
    <message>
        <source>No frame has an energy and only elements that the model knows: nothing to compare.</source>
        <translation>Keine Konfiguration hat eine Energie und nur Elemente, die das Modell kennt: nichts zu vergleichen.</translation>
    </message>
    <message>
        <source>Could not be compared with the model: %1</source>
        <translation>Vergleich mit dem Modell nicht möglich: %1</translation>
    </message>
    <message>
        <source>Being compared with the model: %1 %</source>
        <translation>Wird mit dem Modell verglichen: %1 %</translation>
    </message>
    <message>
        <source>The compositions determine all of them (rank %1 of %2).</source>
        <translation>Die Zusammensetzungen legen alle fest (Rang %1 von %2).</translation>
    </message>
    <message>
        <source>Element</source>
        <translation>Element</translation>
    </message>
    <message>
        <source>Shift (eV/atom)</source>
        <translation>Verschiebung (eV/Atom)</translation>
    </message>
    <message>
        <source>Compared when data with energies and a model are open and no run is going on.</source>
        <translation>Wird verglichen, wenn Daten mit Energien und ein Modell offen sind und kein Lauf im Gange ist.</translation>
    </message>
    <message>
        <source>Labels and model differ by %1 eV/atom (RMS of %2 frames), after the shifts by %3.</source>
        <translation>Daten und Modell unterscheiden sich um %1 eV/Atom (RMS über %2 Konfigurationen), nach den Verschiebungen um %3.</translation>
    </message>
    <message>
        <source>The compositions determine only their sums (rank %1 of %2).</source>
        <translation>Die Zusammensetzungen bestimmen nur ihre Summen (Rang %1 von %2).</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ResultsPage</name>
    <message>
        <source>Export tuned &amp;model…</source>
        <translation>&amp;Modell exportieren…</translation>
    </message>
    <message>
        <source>Writes the base file with the tuned weights, in the format it came in.</source>
        <translation>Schreibt das abgestimmte Modell: die Basisdatei mit den abgestimmten Gewichten, in ihrem ursprünglichen Format.</translation>
    </message>
    <message>
        <source>Export &amp;delta…</source>
        <translation>D&amp;elta exportieren…</translation>
    </message>
    <message>
        <source>Writes the changes alone: a small file that goes with the base model.</source>
        <translation>Schreibt nur die Änderungen: eine kleine Datei, die zum Basismodell gehört.</translation>
    </message>
    <message>
        <source>Save &amp;report…</source>
        <translation>Be&amp;richt speichern…</translation>
    </message>
    <message>
        <source>One page with figures, tables and the commands that give its numbers again, as PDF or HTML.</source>
        <translation>Eine Seite mit Abbildungen, Tabellen und den Befehlen, die ihre Zahlen wieder ergeben, als PDF oder HTML.</translation>
    </message>
    <message>
        <source>Parity</source>
        <translation>Streudiagramme</translation>
    </message>
    <message>
        <source>Errors of base and tuned model</source>
        <translation>Fehler des Basismodells und des abgestimmten Modells</translation>
    </message>
    <message>
        <source>Copy table as text</source>
        <translation>Tabelle als Text kopieren</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Changed (%)</source>
        <translation>Geändert (%)</translation>
    </message>
    <message>
        <source>Forces (eV/Å)</source>
        <translation>Kräfte (eV/Å)</translation>
    </message>
    <message>
        <source>Changed parameters / whole model</source>
        <translation>Geänderte Parameter / ganzes Modell</translation>
    </message>
    <message>
        <source>Validation MAE of forces (eV/Å)</source>
        <translation>Validierungs-MAE der Kräfte (eV/Å)</translation>
    </message>
    <message>
        <source>Choose a run to see its results; tick several to compare them.</source>
        <translation>Einen Lauf wählen, um seine Ergebnisse zu sehen; mehrere ankreuzen, um sie zu vergleichen.</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>Looks for runs in the folder of runs again.</source>
        <translation>Sucht im Ordner der Läufe noch einmal nach Läufen.</translation>
    </message>
    <message>
        <source>Open run folder…</source>
        <translation>Lauf öffnen…</translation>
    </message>
    <message>
        <source>Open a run</source>
        <translation>Lauf öffnen</translation>
    </message>
    <message>
        <source>There are no runs in %1 yet.</source>
        <translation>In %1 gibt es noch keine Läufe.</translation>
    </message>
    <message>
        <source>1 run</source>
        <translation>1 Lauf</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 Läufe</translation>
    </message>
    <message>
        <source>No run in view</source>
        <translation>Kein Lauf gezeigt</translation>
    </message>
    <message>
        <source>Choose a run in the list, or start one on the Training page.</source>
        <translation>In der Liste einen Lauf wählen oder auf der Seite „Training“ einen starten.</translation>
    </message>
    <message>
        <source>%1: %2 of %3 eligible parameters changed (%4 % changed / eligible, %5 % changed / whole model of %6).</source>
        <translation>%1: %2 von %3 änderbaren Parametern geändert (%4 % geändert / änderbar, %5 % geändert / ganzes Modell mit %6).</translation>
    </message>
    <message>
        <source>The run has no result yet.</source>
        <translation>Der Lauf hat noch kein Ergebnis.</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Datenteil</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>MAE base</source>
        <translation>MAE Basis</translation>
    </message>
    <message>
        <source>MAE tuned</source>
        <translation>MAE abgestimmt</translation>
    </message>
    <message>
        <source>Improvement</source>
        <translation>Verbesserung</translation>
    </message>
    <message>
        <source>RMSE base</source>
        <translation>RMSE Basis</translation>
    </message>
    <message>
        <source>RMSE tuned</source>
        <translation>RMSE abgestimmt</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>Größter</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>No run is open.</source>
        <translation>Kein Lauf geöffnet.</translation>
    </message>
    <message>
        <source>The parity plots come with the run&apos;s result.</source>
        <translation>Die Streudiagramme kommen mit dem Ergebnis des Laufs.</translation>
    </message>
    <message>
        <source>The run has left no predictions, so there is nothing to compare.</source>
        <translation>Der Lauf hat keine Vorhersagen hinterlassen, also gibt es nichts zu vergleichen.</translation>
    </message>
    <message>
        <source>Export the delta</source>
        <translation>Delta exportieren</translation>
    </message>
    <message>
        <source>Export the tuned model</source>
        <translation>Abgestimmtes Modell exportieren</translation>
    </message>
    <message>
        <source>Delta (*%1)</source>
        <translation>Delta (*%1)</translation>
    </message>
    <message>
        <source>Model (*%1)</source>
        <translation>Modell (*%1)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>%1 exists. Replace it?</source>
        <translation>%1 gibt es schon. Ersetzen?</translation>
    </message>
    <message>
        <source>Open a run before exporting.</source>
        <translation>Vor dem Exportieren einen Lauf öffnen.</translation>
    </message>
    <message>
        <source>Writing %1…</source>
        <translation>%1 wird geschrieben…</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>Geschrieben: %1</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>HTML (*.html)</source>
        <translation>HTML (*.html)</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Open a run before saving its report.</source>
        <translation>Einen Lauf öffnen, bevor sein Bericht gespeichert wird.</translation>
    </message>
    <message>
        <source>Making the report of %1…</source>
        <translation>Der Bericht zu %1 wird erstellt…</translation>
    </message>
    <message>
        <source>Chosen rows, or all of them, separated by tabs</source>
        <translation>Ausgewählte Zeilen oder alle, durch Tabulatoren getrennt</translation>
    </message>
    <message>
        <source>Adds a run that lies in another folder to the list and shows it.</source>
        <translation>Nimmt einen Lauf aus einem anderen Ordner in die Liste auf und zeigt ihn.</translation>
    </message>
    <message>
        <source>Part of the data: training, validation or test frames</source>
        <translation>Teil der Daten: Trainings-, Validierungs- oder Testkonfigurationen</translation>
    </message>
    <message>
        <source>Mean absolute error of the unchanged model, with the run&apos;s reference energies</source>
        <translation>Mittlerer absoluter Fehler des unveränderten Modells, mit den Referenzenergien des Laufs</translation>
    </message>
    <message>
        <source>Mean absolute error of the tuned model</source>
        <translation>Mittlerer absoluter Fehler des abgestimmten Modells</translation>
    </message>
    <message>
        <source>How many times smaller the tuned model&apos;s mean absolute error is</source>
        <translation>Um welchen Faktor der mittlere absolute Fehler des abgestimmten Modells kleiner ist</translation>
    </message>
    <message>
        <source>Root mean square error of the unchanged model</source>
        <translation>Wurzel des mittleren quadratischen Fehlers des unveränderten Modells</translation>
    </message>
    <message>
        <source>Root mean square error of the tuned model</source>
        <translation>Wurzel des mittleren quadratischen Fehlers des abgestimmten Modells</translation>
    </message>
    <message>
        <source>Largest error of the tuned model</source>
        <translation>Größter Fehler des abgestimmten Modells</translation>
    </message>
    <message>
        <source>Labelled numbers that were compared: a force has three</source>
        <translation>Anzahl der verglichenen Zahlen mit Referenzwert: Eine Kraft hat drei</translation>
    </message>
    <message>
        <source>Moments (μB)</source>
        <translation>Momente (μB)</translation>
    </message>
    <message>
        <source>Validation MAE of moments |m| (μB)</source>
        <translation>Validierungs-MAE der Momente |m| (μB)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Session</name>
    <message>
        <source>Reading the model %1…</source>
        <translation>Modell %1 wird gelesen…</translation>
    </message>
    <message>
        <source>Model %1: %L2 parameters.</source>
        <translation>Modell %1: %L2 Parameter.</translation>
    </message>
    <message>
        <source>Reading was cancelled.</source>
        <translation>Das Lesen wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Reading %1%2…</source>
        <translation>Lesen von %1%2…</translation>
    </message>
    <message>
        <source> and others</source>
        <translation> und weiteren</translation>
    </message>
    <message>
        <source>Not everything was read: %1</source>
        <translation>Nicht alles wurde gelesen: %1</translation>
    </message>
    <message>
        <source>Not everything was read: %1 (and %2 more, see “Files read” on the page Data)</source>
        <translation>Nicht alles wurde gelesen: %1 (und %2 weitere, siehe „Gelesene Dateien“ auf der Seite „Daten“)</translation>
    </message>
    <message>
        <source>Frames read: %1.</source>
        <translation>Konfigurationen gelesen: %1.</translation>
    </message>
    <message>
        <source>Select blocks</source>
        <translation>(Blöcke auswählen)</translation>
    </message>
    <message>
        <source>This frame has no moments, which the run&apos;s magnetic head starts from.</source>
        <translation>Diese Konfiguration hat keine Momente, von denen der magnetische Kopf des Laufs ausgeht.</translation>
    </message>
    <message>
        <source>The run has no tuned moments yet: they come with its result.</source>
        <translation>Der Lauf hat noch keine abgestimmten Momente: Sie kommen mit seinem Ergebnis.</translation>
    </message>
    <message>
        <source>The program lodestone-engine was not found, so no run can start.</source>
        <translation>Das Programm lodestone-engine wurde nicht gefunden, daher kann kein Lauf starten.</translation>
    </message>
    <message>
        <source>%1 could not be started.</source>
        <translation>%1 konnte nicht gestartet werden.</translation>
    </message>
    <message>
        <source>Run %1 goes on.</source>
        <translation>Lauf %1 geht weiter.</translation>
    </message>
    <message>
        <source>Run %1 started.</source>
        <translation>Lauf %1 gestartet.</translation>
    </message>
    <message>
        <source>The engine ended before the run began. %1</source>
        <translation>Der Rechenkern endete, bevor der Lauf begann. %1</translation>
    </message>
    <message>
        <source>The run failed.</source>
        <translation>Der Lauf ist gescheitert.</translation>
    </message>
    <message>
        <source>Run %1: %2</source>
        <translation>Lauf %1: %2</translation>
    </message>
    <message>
        <source>Leave out frames</source>
        <translation>Konfigurationen weglassen</translation>
    </message>
    <message>
        <source>The settings for Slurm cannot be used yet. %1</source>
        <translation>Die Einstellungen für Slurm lassen sich noch nicht verwenden. %1</translation>
    </message>
    <message>
        <source>Run %1 is handed to Slurm…</source>
        <translation>Lauf %1 wird Slurm übergeben…</translation>
    </message>
    <message>
        <source>Run %1 is job %2 of Slurm.</source>
        <translation>Lauf %1 ist Auftrag %2 von Slurm.</translation>
    </message>
    <message>
        <source>Slurm was asked to cancel job %1.</source>
        <translation>Slurm wurde gebeten, Auftrag %1 abzubrechen.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::SettingsDialog</name>
    <message>
        <source>&amp;Open again at the start what was open last</source>
        <translation>Beim Start &amp;wieder öffnen, was zuletzt offen war</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Of menus, pages and dialogs; the engine&apos;s messages are in English.</source>
        <translation>Von Menüs, Seiten und Dialogen; die Meldungen des Rechenkerns sind englisch.</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>&amp;Durchsuchen…</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>&amp;Folder for new runs</source>
        <translation>Ordner für &amp;neue Läufe</translation>
    </message>
    <message>
        <source>Folder for new runs</source>
        <translation>Ordner für neue Läufe</translation>
    </message>
    <message>
        <source>The folder for new runs needs a full path.</source>
        <translation>Der Ordner für neue Läufe braucht einen vollständigen Pfad.</translation>
    </message>
    <message>
        <source>%1 is a file, not a folder.</source>
        <translation>%1 ist eine Datei, kein Ordner.</translation>
    </message>
    <message>
        <source>Nothing can be written in %1.</source>
        <translation>In %1 lässt sich nichts schreiben.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::SlurmClient</name>
    <message>
        <source>The program %1 was not found. Slurm&apos;s commands must be in the PATH of this computer, as they are on a login node of the cluster.</source>
        <translation>Das Programm %1 wurde nicht gefunden. Die Befehle von Slurm müssen im PATH dieses Rechners liegen, wie auf einem Anmeldeknoten des Clusters.</translation>
    </message>
    <message>
        <source>%1 printed more than a mebibyte, which is no answer.</source>
        <translation>%1 hat mehr als ein Mebibyte ausgegeben; das ist keine Antwort.</translation>
    </message>
    <message>
        <source>%1 crashed.</source>
        <translation>%1 ist abgestürzt.</translation>
    </message>
    <message>
        <source>%1 failed: %2</source>
        <translation>%1 ist gescheitert: %2</translation>
    </message>
    <message>
        <source>%1 could not be started.</source>
        <translation>%1 konnte nicht gestartet werden.</translation>
    </message>
    <message>
        <source>%1 did not answer within %2 s.</source>
        <translation>%1 hat innerhalb von %2 s nicht geantwortet.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::SlurmDialog</name>
    <message>
        <source>Jobs of Slurm</source>
        <translation>Aufträge für Slurm</translation>
    </message>
    <message>
        <source>as the site gives</source>
        <translation>wie vom Rechenzentrum vorgegeben</translation>
    </message>
    <message>
        <source>Where lodestone-engine lies on the nodes of the cluster.</source>
        <translation>Wo lodestone-engine auf den Knoten des Clusters liegt.</translation>
    </message>
    <message>
        <source>Names for “module load”, with spaces between them.</source>
        <translation>Namen für „module load“, durch Leerzeichen getrennt.</translation>
    </message>
    <message>
        <source>any kind</source>
        <translation>beliebige Art</translation>
    </message>
    <message>
        <source> GiB</source>
        <translation> GiB</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>Two minutes before this limit the run writes a checkpoint and stops; Resume goes on from there.</source>
        <translation>Zwei Minuten vor dieser Grenze schreibt der Lauf einen Sicherungspunkt und endet; „Fortsetzen“ macht von dort weiter.</translation>
    </message>
    <message>
        <source>Further options of sbatch, one a line: --NAME or --NAME=VALUE.</source>
        <translation>Weitere Optionen von sbatch, eine je Zeile: --NAME oder --NAME=WERT.</translation>
    </message>
    <message>
        <source>Lines of shell that run before the engine, as they stand here.</source>
        <translation>Zeilen für die Shell, die vor dem Rechenkern so ausgeführt werden, wie sie hier stehen.</translation>
    </message>
    <message>
        <source>Job script</source>
        <translation>Auftragsskript</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Engine on the cluster</source>
        <translation>Rechenkern auf dem Cluster</translation>
    </message>
    <message>
        <source>Partition</source>
        <translation>Partition</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Quality of service</source>
        <translation>Dienstgüte (QOS)</translation>
    </message>
    <message>
        <source>Modules</source>
        <translation>Module</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPUs</translation>
    </message>
    <message>
        <source>Kind of GPU</source>
        <translation>Art der GPU</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Time limit</source>
        <translation>Zeitgrenze</translation>
    </message>
    <message>
        <source>Further options</source>
        <translation>Weitere Optionen</translation>
    </message>
    <message>
        <source>Lines before the engine</source>
        <translation>Zeilen vor dem Rechenkern</translation>
    </message>
    <message>
        <source>Processes that share the run by MPI, each with a GPU or with processors of its own. The batch is divided among them: choose a larger one in the run&apos;s settings.</source>
        <translation>Prozesse, die sich den Lauf über MPI teilen, jeder mit einer GPU oder mit eigenen Prozessoren. Der Stapel wird unter ihnen aufgeteilt: Wählen Sie in den Einstellungen des Laufs einen größeren.</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Processors of each</source>
        <translation>Prozessoren für jeden</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::SparsityPage</name>
    <message>
        <source>Blocks</source>
        <translation>Blöcke</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Elements</source>
        <translation>Elemente</translation>
    </message>
    <message>
        <source>What the map shows: every block by l, all blocks of a layer together by l, or tensors whose values belong to single elements, by element.</source>
        <translation>Was die Karte zeigt: jeden Block nach l, alle Blöcke einer Schicht zusammen nach l oder Tensoren, deren Werte zu einzelnen Elementen gehören, nach Element.</translation>
    </message>
    <message>
        <source>Changed / eligible</source>
        <translation>Geändert / änderbar</translation>
    </message>
    <message>
        <source>Relative change ||delta|| / ||W0||</source>
        <translation>Relative Änderung ||delta|| / ||W0||</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Signature 1 - R²</source>
        <translation>Signatur 1 - R²</translation>
    </message>
    <message>
        <source>Sensitivity of the loss</source>
        <translation>Empfindlichkeit des Verlusts</translation>
    </message>
    <message>
        <source>What the colours mean. Norms and thresholds are known for each tensor. Signature and sensitivity belong to the run&apos;s result; the engine computes them once.</source>
        <translation>Was die Farben bedeuten. Normen und Schwellen sind für jeden Tensor bekannt. Signatur und Empfindlichkeit gehören zum Ergebnis des Laufs; der Rechenkern berechnet sie einmal.</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Saves the map as a picture (PNG, SVG, PDF) or its numbers (CSV).</source>
        <translation>Speichert die Karte als Bild (PNG, SVG, PDF) oder ihre Zahlen (CSV).</translation>
    </message>
    <message>
        <source>&amp;Rows</source>
        <translation>&amp;Zeilen</translation>
    </message>
    <message>
        <source>&amp;Show</source>
        <translation>&amp;Größe</translation>
    </message>
    <message>
        <source>No run is open. Start one on the Training page, or open one on the Results page.</source>
        <translation>Es ist kein Lauf geöffnet. Auf der Seite „Training“ einen starten oder auf der Seite „Ergebnisse“ einen öffnen.</translation>
    </message>
    <message>
        <source>The run has not reported which parameters changed yet.</source>
        <translation>Der Lauf hat noch nicht gemeldet, welche Parameter sich geändert haben.</translation>
    </message>
    <message>
        <source>No tensor of this run has values that belong to single elements, or the run was recorded by a version that did not count them.</source>
        <translation>Kein Tensor dieses Laufs hat Werte, die zu einzelnen Elementen gehören, oder der Lauf stammt von einer Version, die sie nicht zählte.</translation>
    </message>
    <message>
        <source>First the elements of the open data: %1.</source>
        <translation>Zuerst die Elemente der geöffneten Daten: %1.</translation>
    </message>
    <message>
        <source>The run changes no parameters that belong to a layer.</source>
        <translation>Der Lauf ändert keine Parameter, die zu einer Schicht gehören.</translation>
    </message>
    <message>
        <source>step %1, epoch %2%3</source>
        <translation>Schritt %1, Epoche %2%3</translation>
    </message>
    <message>
        <source> (live)</source>
        <translation> (live)</translation>
    </message>
    <message>
        <source>The explanation of the run names no blocks.</source>
        <translation>Die Erklärung des Laufs nennt keine Blöcke.</translation>
    </message>
    <message>
        <source>Signature and sensitivity come with the run&apos;s result.</source>
        <translation>Signatur und Empfindlichkeit kommen mit dem Ergebnis des Laufs.</translation>
    </message>
    <message>
        <source>The engine is looking at what the run has changed…</source>
        <translation>Der Rechenkern untersucht, was der Lauf geändert hat…</translation>
    </message>
    <message>
        <source>Sparsity</source>
        <translation>Dünnbesetztheit</translation>
    </message>
    <message>
        <source>Point of the run</source>
        <translation>Zeitpunkt des Laufs</translation>
    </message>
    <message>
        <source>Earlier points of the run; at the right end the map follows the run.</source>
        <translation>Frühere Zeitpunkte des Laufs; am rechten Ende folgt die Karte dem Lauf.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::StatusPanel</name>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>Engine not started</source>
        <translation>Rechenkern nicht gestartet</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Cancel reading</source>
        <translation>Lesen abbrechen</translation>
    </message>
    <message>
        <source>The background program that evaluates models</source>
        <translation>Das Hintergrundprogramm, das Modelle auswertet</translation>
    </message>
    <message>
        <source>Where models are evaluated, and its memory</source>
        <translation>Worauf Modelle ausgewertet werden, und sein Speicher</translation>
    </message>
    <message>
        <source>lodestone-engine %1, LibTorch %2</source>
        <translation>lodestone-engine %1, LibTorch %2</translation>
    </message>
    <message>
        <source>Reading data</source>
        <translation>Daten werden gelesen</translation>
    </message>
    <message>
        <source>%1 paused</source>
        <translation>%1 angehalten</translation>
    </message>
    <message>
        <source>%1: %2 left</source>
        <translation>%1: noch %2</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::StructurePage</name>
    <message>
        <source>Open data to see it here: drop a file or press Ctrl+O</source>
        <translation>Daten öffnen, um sie hier zu sehen: eine Datei ablegen oder Strg+O drücken</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Show or hide the display settings</source>
        <translation>Einstellungen der Darstellung ein- oder ausblenden</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Look down the a axis (b to the right, c up)</source>
        <translation>Blick längs der a-Achse (b nach rechts, c nach oben)</translation>
    </message>
    <message>
        <source>Look down the b axis (c to the right, a up)</source>
        <translation>Blick längs der b-Achse (c nach rechts, a nach oben)</translation>
    </message>
    <message>
        <source>Look down the c axis (a to the right, b up)</source>
        <translation>Blick längs der c-Achse (a nach rechts, b nach oben)</translation>
    </message>
    <message>
        <source>Corner</source>
        <translation>Schräg</translation>
    </message>
    <message>
        <source>Look from a corner, c up</source>
        <translation>Blick von einer Ecke aus, c nach oben</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Everything in view, same direction</source>
        <translation>Alles im Bild, gleiche Blickrichtung</translation>
    </message>
    <message>
        <source>Parallel</source>
        <translation>Parallel</translation>
    </message>
    <message>
        <source>Parallel projection instead of perspective</source>
        <translation>Parallelprojektion statt Perspektive</translation>
    </message>
    <message>
        <source>Export picture</source>
        <translation>Bild exportieren</translation>
    </message>
    <message>
        <source>Save the view as PNG, at a multiple of its size</source>
        <translation>Ansicht als PNG speichern, in einem Vielfachen ihrer Größe</translation>
    </message>
    <message>
        <source>Transparent background</source>
        <translation>Durchsichtiger Hintergrund</translation>
    </message>
    <message>
        <source>PNG at %1× the size…</source>
        <translation>PNG in %1-facher Größe…</translation>
    </message>
    <message>
        <source>PNG pictures (*.png)</source>
        <translation>PNG-Bilder (*.png)</translation>
    </message>
    <message>
        <source>The picture could not be drawn at %1 times the size: choose a smaller factor.</source>
        <translation>Das Bild ließ sich nicht in %1-facher Größe zeichnen: einen kleineren Faktor wählen.</translation>
    </message>
    <message>
        <source>Picture written to %1</source>
        <translation>Bild geschrieben: %1</translation>
    </message>
    <message>
        <source>The picture could not be written to %1: %2</source>
        <translation>Das Bild konnte nicht in %1 geschrieben werden: %2</translation>
    </message>
    <message>
        <source>space group %1 (%2 Å)</source>
        <translation>Raumgruppe %1 (%2 Å)</translation>
    </message>
    <message>
        <source>frame %1 of %2</source>
        <translation>Konfiguration %1 von %2</translation>
    </message>
    <message>
        <source>1 atom</source>
        <translation>1 Atom</translation>
    </message>
    <message>
        <source>%1 atoms</source>
        <translation>%1 Atome</translation>
    </message>
    <message>
        <source>E = %1 eV (label)</source>
        <translation>E = %1 eV (Referenz)</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>Struktur</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TensorInspector</name>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>number of weights</source>
        <translation>Anzahl der Gewichte</translation>
    </message>
    <message>
        <source>Histogram of the tensor&apos;s values</source>
        <translation>Histogramm der Werte des Tensors</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>The tensor is stored as one list: each of its paths is a matrix.</source>
        <translation>Der Tensor ist als eine Liste gespeichert: Jeder seiner Pfade ist eine Matrix.</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>Histogramm</translation>
    </message>
    <message>
        <source>Matrix</source>
        <translation>Matrix</translation>
    </message>
    <message>
        <source>Choose a tensor in the tree to see its numbers.</source>
        <translation>Im Baum einen Tensor wählen, um seine Zahlen zu sehen.</translation>
    </message>
    <message>
        <source>No model is open.</source>
        <translation>Es ist kein Modell geöffnet.</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>Norm</source>
        <translation>Norm</translation>
    </message>
    <message>
        <source>Irreps in</source>
        <translation>Irreps ein</translation>
    </message>
    <message>
        <source>Irreps out</source>
        <translation>Irreps aus</translation>
    </message>
    <message>
        <source>Elements</source>
        <translation>Elemente</translation>
    </message>
    <message>
        <source>axis %1</source>
        <translation>Achse %1</translation>
    </message>
    <message>
        <source>In the file</source>
        <translation>In der Datei</translation>
    </message>
    <message>
        <source>Reading the weights…</source>
        <translation>Gewichte werden gelesen…</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Deviation</source>
        <translation>Streuung</translation>
    </message>
    <message>
        <source>Smallest</source>
        <translation>Kleinster</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>Größter</translation>
    </message>
    <message>
        <source>Exactly zero</source>
        <translation>Genau null</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TensorView</name>
    <message>
        <source>← All blocks</source>
        <translation>← Alle Blöcke</translation>
    </message>
    <message>
        <source>Tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>Tensors behind the cell that was clicked.</source>
        <translation>Tensoren hinter der angeklickten Zelle.</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>The tensor is stored as one list: each of its paths is a matrix.</source>
        <translation>Der Tensor ist als eine Liste gespeichert: Jeder seiner Pfade ist eine Matrix.</translation>
    </message>
    <message>
        <source>Size of change |delta|</source>
        <translation>Größe der Änderung |delta|</translation>
    </message>
    <message>
        <source>Change (delta)</source>
        <translation>Änderung (Delta)</translation>
    </message>
    <message>
        <source>Base weights</source>
        <translation>Basisgewichte</translation>
    </message>
    <message>
        <source>Tuned weights</source>
        <translation>Abgestimmte Gewichte</translation>
    </message>
    <message>
        <source>What the matrix shows</source>
        <translation>Was die Matrix zeigt</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Saves the picture (PNG, SVG, PDF) or the numbers (CSV).</source>
        <translation>Speichert das Bild (PNG, SVG, PDF) oder die Zahlen (CSV).</translation>
    </message>
    <message>
        <source>Matrix</source>
        <translation>Matrix</translation>
    </message>
    <message>
        <source>Elements</source>
        <translation>Elemente</translation>
    </message>
    <message>
        <source>Click an entry to read its weight.</source>
        <translation>Einen Eintrag anklicken, um sein Gewicht zu lesen.</translation>
    </message>
    <message>
        <source>Asking the engine for %1…</source>
        <translation>%1 wird vom Rechenkern geholt…</translation>
    </message>
    <message>
        <source>%1 weights; the run has no result for them yet.</source>
        <translation>%1 Gewichte; der Lauf hat noch kein Ergebnis dafür.</translation>
    </message>
    <message>
        <source>%1 of %2 weights changed (%3 %).</source>
        <translation>%1 von %2 Gewichten geändert (%3 %).</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source> (%1, row %2, column %3)</source>
        <translation> (%1, Zeile %2, Spalte %3)</translation>
    </message>
    <message>
        <source>%1 %2: base %3</source>
        <translation>%1 %2: Basis %3</translation>
    </message>
    <message>
        <source>, tuned %1, delta %2</source>
        <translation>, abgestimmt %1, Delta %2</translation>
    </message>
    <message>
        <source> (unchanged)</source>
        <translation> (unverändert)</translation>
    </message>
    <message>
        <source>Back to the map of all blocks (Esc)</source>
        <translation>Zurück zur Karte aller Blöcke (Esc)</translation>
    </message>
    <message>
        <source>What the colours mean: the change of each weight, or the weight itself</source>
        <translation>Was die Farben bedeuten: die Änderung jedes Gewichts oder das Gewicht selbst</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TextTable</name>
    <message>
        <source>&amp;Copy as text</source>
        <translation>Als &amp;Text kopieren</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TrainingCurves</name>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <source>Time (min)</source>
        <translation>Zeit (min)</translation>
    </message>
    <message>
        <source>What the horizontal axis counts. The time leaves pauses out.</source>
        <translation>Was die waagerechte Achse zählt. Die Zeit lässt Pausen aus.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Log</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linear</translation>
    </message>
    <message>
        <source>Scale of the vertical axis of losses and errors: logarithmic or linear.</source>
        <translation>Teilung der senkrechten Achse von Verlusten und Fehlern: logarithmisch oder linear.</translation>
    </message>
    <message>
        <source>Averages the loss curves over neighbouring steps. The curve as measured stays behind, pale; first and last points stay where they are.</source>
        <translation>Mittelt die Verlustkurven über benachbarte Schritte. Die gemessene Kurve bleibt blass dahinter; erster und letzter Punkt bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>&amp;Horizontal</source>
        <translation>&amp;Waagerecht</translation>
    </message>
    <message>
        <source>&amp;Vertical</source>
        <translation>Sen&amp;krecht</translation>
    </message>
    <message>
        <source>S&amp;moothing</source>
        <translation>&amp;Glättung</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Shows all of every curve again after zooming.</source>
        <translation>Zeigt nach dem Vergrößern wieder jede Kurve ganz.</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>No run is open. Start one, or open one on the Results page.</source>
        <translation>Es ist kein Lauf geöffnet. Einen starten oder auf der Seite „Ergebnisse“ einen öffnen.</translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation>Trainingsverlust</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Forces, validation</source>
        <translation>Kräfte, Validierung</translation>
    </message>
    <message>
        <source>MAE (eV/Å)</source>
        <translation>MAE (eV/Å)</translation>
    </message>
    <message>
        <source>Energy, validation</source>
        <translation>Energie, Validierung</translation>
    </message>
    <message>
        <source>MAE (eV/atom)</source>
        <translation>MAE (eV/Atom)</translation>
    </message>
    <message>
        <source>Stress, validation</source>
        <translation>Spannung, Validierung</translation>
    </message>
    <message>
        <source>MAE (eV/Å³)</source>
        <translation>MAE (eV/Å³)</translation>
    </message>
    <message>
        <source>Moments |m|, validation</source>
        <translation>Momente |m|, Validierung</translation>
    </message>
    <message>
        <source>Magnetic forces, validation</source>
        <translation>Magnetische Kräfte, Validierung</translation>
    </message>
    <message>
        <source>Threshold, mean over tensors</source>
        <translation>Schwelle, Mittel über die Tensoren</translation>
    </message>
    <message>
        <source>threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Changed parameters</source>
        <translation>Geänderte Parameter</translation>
    </message>
    <message>
        <source>share (%)</source>
        <translation>Anteil (%)</translation>
    </message>
    <message>
        <source>Waiting for the first step.</source>
        <translation>Warten auf den ersten Schritt.</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <source>active time (min)</source>
        <translation>aktive Zeit (min)</translation>
    </message>
    <message>
        <source>changed / eligible</source>
        <translation>geändert / änderbar</translation>
    </message>
    <message>
        <source>changed / whole model</source>
        <translation>geändert / ganzes Modell</translation>
    </message>
    <message>
        <source>total</source>
        <translation>gesamt</translation>
    </message>
    <message>
        <source>energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>forces</source>
        <translation>Kräfte</translation>
    </message>
    <message>
        <source>stress</source>
        <translation>Spannung</translation>
    </message>
    <message>
        <source>moments</source>
        <translation>Momente</translation>
    </message>
    <message>
        <source>magnetic forces</source>
        <translation>magnetische Kräfte</translation>
    </message>
    <message>
        <source>mean |m| per element</source>
        <translation>mittleres |m| je Element</translation>
    </message>
    <message>
        <source>base model</source>
        <translation>Basismodell</translation>
    </message>
    <message>
        <source>tuned</source>
        <translation>abgestimmt</translation>
    </message>
    <message>
        <source>MAE (μB)</source>
        <translation>MAE (μB)</translation>
    </message>
    <message>
        <source>MAE (eV/μB)</source>
        <translation>MAE (eV/μB)</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TrainingPage</name>
    <message>
        <source>Resolved configuration</source>
        <translation>Aufgelöste Einstellungen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Every setting of the run with all defaults filled in, as it will be launched.</source>
        <translation>Jede Einstellung des Laufs samt allen Vorgabewerten, so wie er gestartet wird.</translation>
    </message>
    <message>
        <source>Measured by the engine on a few frames of the open data, on this machine.</source>
        <translation>Vom Rechenkern an einigen Konfigurationen der geöffneten Daten gemessen, auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Open settings…</source>
        <translation>Einstellungen öffnen…</translation>
    </message>
    <message>
        <source>Fills the form from a configuration file (JSON).</source>
        <translation>Füllt das Formular aus einer Einstellungsdatei (JSON).</translation>
    </message>
    <message>
        <source>Save settings…</source>
        <translation>Einstellungen sichern…</translation>
    </message>
    <message>
        <source>Writes the resolved configuration to a file that lodestone-engine finetune reads.</source>
        <translation>Schreibt die aufgelösten Einstellungen in eine Datei, die lodestone-engine finetune liest.</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Save settings</source>
        <translation>Einstellungen sichern</translation>
    </message>
    <message>
        <source>name of the run</source>
        <translation>Name des Laufs</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>Name des Laufs</translation>
    </message>
    <message>
        <source>The run&apos;s folder gets this name; empty: the method and the time.</source>
        <translation>So heißt der Ordner des Laufs; leer: nach Methode und Zeit.</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>&amp;Starten</translation>
    </message>
    <message>
        <source>Open a model first.</source>
        <translation>Zuerst ein Modell öffnen.</translation>
    </message>
    <message>
        <source>Tick at least one block on the Blocks page.</source>
        <translation>Auf der Seite „Blöcke“ mindestens einen Block ankreuzen.</translation>
    </message>
    <message>
        <source>Open training data first.</source>
        <translation>Zuerst Trainingsdaten öffnen.</translation>
    </message>
    <message>
        <source>%1 of %2 parameters may change (%3 %).</source>
        <translation>%1 von %2 Parametern dürfen sich ändern (%3 %).</translation>
    </message>
    <message>
        <source>The target fraction is larger than that, so every delta could stay.</source>
        <translation>Der Zielanteil ist größer, also könnte jedes Delta bleiben.</translation>
    </message>
    <message>
        <source>The target keeps %1 of them (%2 % of the eligible).</source>
        <translation>Der Zielanteil lässt davon %1 übrig (%2 % der änderbaren).</translation>
    </message>
    <message>
        <source>Starts the engine on this configuration. The run goes on when this window is closed.</source>
        <translation>Startet den Rechenkern mit diesen Einstellungen. Der Lauf geht weiter, wenn dieses Fenster geschlossen wird.</translation>
    </message>
    <message>
        <source>Memory and time could not be measured: the model computes none of the frames.</source>
        <translation>Speicher und Zeit ließen sich nicht messen: Das Modell rechnet keine der Konfigurationen.</translation>
    </message>
    <message>
        <source>Memory and time could not be measured: %1</source>
        <translation>Speicher und Zeit ließen sich nicht messen: %1</translation>
    </message>
    <message>
        <source>Measuring memory and time: %1 %</source>
        <translation>Speicher und Zeit werden gemessen: %1 %</translation>
    </message>
    <message>
        <source>Memory and time are measured when no run is going on.</source>
        <translation>Speicher und Zeit werden gemessen, wenn kein Lauf im Gang ist.</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Interrupted: no engine works on it</source>
        <translation>Unterbrochen: Kein Rechenkern arbeitet daran</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Made by a newer version of Lodestone: update to see it</source>
        <translation>Von einer neueren Version von Lodestone: Zum Ansehen muss Lodestone aktualisiert werden</translation>
    </message>
    <message>
        <source>Not begun: no engine works on it</source>
        <translation>Nicht begonnen: Kein Rechenkern arbeitet daran</translation>
    </message>
    <message>
        <source>Progress of the run</source>
        <translation>Fortschritt des Laufs</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>Anhal&amp;ten</translation>
    </message>
    <message>
        <source>Waits after the step in work; nothing is lost.</source>
        <translation>Wartet nach dem laufenden Schritt; nichts geht verloren.</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>Goes on where the run was paused, stopped or cut off.</source>
        <translation>Macht dort weiter, wo der Lauf angehalten, beendet oder unterbrochen wurde.</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>B&amp;eenden</translation>
    </message>
    <message>
        <source>Messages of the run appear here.</source>
        <translation>Hier erscheinen die Meldungen des Laufs.</translation>
    </message>
    <message>
        <source>Messages of the run</source>
        <translation>Meldungen des Laufs</translation>
    </message>
    <message>
        <source>No run in view</source>
        <translation>Kein Lauf gezeigt</translation>
    </message>
    <message>
        <source>Start a run, or open one on the Results page.</source>
        <translation>Einen Lauf starten oder auf der Seite „Ergebnisse“ einen öffnen.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>Schritt %1 von %2</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>Schritt %1</translation>
    </message>
    <message>
        <source>epoch %1</source>
        <translation>Epoche %1</translation>
    </message>
    <message>
        <source>active time %1</source>
        <translation>aktive Zeit %1</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>%1 atoms/s</source>
        <translation>%1 Atome/s</translation>
    </message>
    <message>
        <source>%1 % of the eligible and %2 % of all parameters changed</source>
        <translation>%1 % der änderbaren und %2 % aller Parameter geändert</translation>
    </message>
    <message>
        <source>Waiting for the first step.</source>
        <translation>Warten auf den ersten Schritt.</translation>
    </message>
    <message>
        <source>Writes a checkpoint, then ends the run; Resume goes on from there.</source>
        <translation>Schreibt einen Sicherungspunkt und beendet dann den Lauf; „Fortsetzen“ macht von dort weiter.</translation>
    </message>
    <message>
        <source>Slurm: %1</source>
        <translation>Slurm: %1</translation>
    </message>
    <message>
        <source>Hands the run to Slurm as a job. It goes on when this window is closed.</source>
        <translation>Übergibt den Lauf als Auftrag an Slurm. Er läuft weiter, wenn dieses Fenster geschlossen wird.</translation>
    </message>
    <message>
        <source>Waiting in the queue</source>
        <translation>Wartet in der Warteschlange</translation>
    </message>
    <message>
        <source>Its job runs; nothing of the engine is to be seen yet</source>
        <translation>Der Auftrag läuft; vom Rechenkern ist noch nichts zu sehen</translation>
    </message>
    <message>
        <source>job %1</source>
        <translation>Auftrag %1</translation>
    </message>
    <message>
        <source>job %1: %2</source>
        <translation>Auftrag %1: %2</translation>
    </message>
    <message>
        <source>job %1 failed (%2); its slurm-%1.log in the run&apos;s folder may say why</source>
        <translation>Auftrag %1 ist gescheitert (%2); seine slurm-%1.log im Ordner des Laufs sagt vielleicht, warum</translation>
    </message>
    <message>
        <source>job %1 was cancelled</source>
        <translation>Auftrag %1 wurde abgebrochen</translation>
    </message>
    <message>
        <source>job %1 ran into its time limit</source>
        <translation>Auftrag %1 hat seine Zeitgrenze erreicht</translation>
    </message>
    <message>
        <source>job %1 lost its node (%2)</source>
        <translation>Auftrag %1 hat seinen Knoten verloren (%2)</translation>
    </message>
    <message>
        <source>job %1 needed more memory than it had asked for</source>
        <translation>Auftrag %1 brauchte mehr Speicher, als er verlangt hatte</translation>
    </message>
    <message>
        <source>Slurm does not know job %1 any more</source>
        <translation>Slurm kennt Auftrag %1 nicht mehr</translation>
    </message>
    <message>
        <source>Run on this computer</source>
        <translation>Auf diesem Rechner ausführen</translation>
    </message>
    <message>
        <source>Run as a job of Slurm</source>
        <translation>Als Auftrag von Slurm ausführen</translation>
    </message>
    <message>
        <source>Where the run is computed</source>
        <translation>Wo der Lauf gerechnet wird</translation>
    </message>
    <message>
        <source>For Start and Resume. Slurm needs a folder of runs that the cluster&apos;s nodes see under the same path.</source>
        <translation>Für „Starten“ und „Fortsetzen“. Slurm braucht einen Ordner für Läufe, den die Knoten des Clusters unter demselben Pfad sehen.</translation>
    </message>
    <message>
        <source>Slurm…</source>
        <translation>Slurm…</translation>
    </message>
    <message>
        <source>Partition, account, modules, GPUs and what else the cluster wants to know.</source>
        <translation>Partition, Konto, Module, GPUs und was der Cluster sonst wissen will.</translation>
    </message>
    <message>
        <source>&amp;Cancel the job</source>
        <translation>Auftrag abbre&amp;chen</translation>
    </message>
    <message>
        <source>Takes the run&apos;s job out of Slurm&apos;s queue, or ends it: its engine is given time for a checkpoint.</source>
        <translation>Nimmt den Auftrag des Laufs aus der Warteschlange von Slurm oder beendet ihn; sein Rechenkern bekommt Zeit für einen Sicherungspunkt.</translation>
    </message>
    <message>
        <source>The folder is looked at until the run begins; on a shared file system that may show late.</source>
        <translation>Der Ordner wird beobachtet, bis der Lauf beginnt; auf einem gemeinsamen Dateisystem zeigt sich das vielleicht spät.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Viewport</name>
    <message>
        <source>The 3D view needs an X11 display with OpenGL 3.2. Frames, tables and moments can be read without it.</source>
        <translation>Die 3D-Ansicht braucht eine X11-Anzeige mit OpenGL 3.2. Konfigurationen, Tabellen und Momente sind auch ohne sie lesbar.</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::VtkViewport</name>
    <message>
        <source>3D view of the structure</source>
        <translation>3D-Ansicht der Struktur</translation>
    </message>
</context>
<context>
    <name>lodestone::gui::WelcomePage</name>
    <message>
        <source>Lodestone</source>
        <translation>Lodestone</translation>
    </message>
    <message>
        <source>Sparse fine-tuning of equivariant interatomic models, with magnetic moments in view</source>
        <translation>Sparsame Feinabstimmung äquivarianter interatomarer Modelle, mit Blick auf magnetische Momente</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>Demo öffnen</translation>
    </message>
    <message>
        <source>A small magnetic model and data set: the whole way in two minutes</source>
        <translation>Ein kleines magnetisches Modell mit Datensatz: der ganze Weg in zwei Minuten</translation>
    </message>
    <message>
        <source>The demo&apos;s files were not found beside the program.</source>
        <translation>Die Dateien der Demo wurden beim Programm nicht gefunden.</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>Modell öffnen…</translation>
    </message>
    <message>
        <source>A pre-trained equivariant model, for example an .nqx file</source>
        <translation>Ein vortrainiertes äquivariantes Modell, zum Beispiel eine .nqx-Datei</translation>
    </message>
    <message>
        <source>Open data…</source>
        <translation>Daten öffnen…</translation>
    </message>
    <message>
        <source>Open a run…</source>
        <translation>Lauf öffnen…</translation>
    </message>
    <message>
        <source>A run folder, also one that is still going on</source>
        <translation>Der Ordner eines Laufs, auch eines noch laufenden</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Nothing has been opened yet.</source>
        <translation>Es wurde noch nichts geöffnet.</translation>
    </message>
    <message>
        <source>Model catalogue…</source>
        <translation>Modellkatalog…</translation>
    </message>
    <message>
        <source>Public weights with licence, citation and checksum</source>
        <translation>Öffentliche Gewichte mit Lizenz, Zitat und Prüfsumme</translation>
    </message>
    <message>
        <source>Projects, models, data files and run folders can also be dropped anywhere in this window.</source>
        <translation>Projekte, Modelle, Datendateien und Ordner von Läufen lassen sich auch irgendwo in diesem Fenster ablegen.</translation>
    </message>
    <message>
        <source>Extended XYZ, CIF, HDF5, files of VASP, ASE or DeePMD-kit</source>
        <translation>Extended XYZ, CIF, HDF5, Dateien von VASP, ASE oder DeePMD-kit</translation>
    </message>
</context>
</TS>
