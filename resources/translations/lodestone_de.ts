<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>CostSentence</name>
    <message>
        <source>Expected: about %1 an epoch, %2 for %3 epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>; %1 GiB of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> with %1 edges a batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data&apos;s energies are %1 eV/atom off the model&apos;s: estimate the reference energies from the data.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data&apos;s energies are %1 eV/atom off the model&apos;s; fitted reference energies leave %2.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExplanationTable</name>
    <message>
        <source>%1
signature 1 - R² %2
relative change %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 - R² of old and new weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>without its changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1
loss %2 without its changes, %3 with them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rise of the loss / loss of the tuned model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProjectFile</name>
    <message>
        <source>The project could not be saved as %1: %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project %1 cannot be read: %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is no project file of Lodestone: it is far too large for one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is no project file of Lodestone, or it is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project %1 was written by a newer version of Lodestone.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>Shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everywhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next field, previous field</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tick or untick the row in a table or tree</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context menu</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Menu, or Shift+F10</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About Lodestone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;b&gt;Lodestone %1&lt;/b&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse fine-tuning of pre-trained E(3)-equivariant interatomic models, with the changed parameters and the magnetic moments in view.&lt;br&gt;&lt;br&gt;Free software under the GNU General Public License, version 3 or later. Built with Qt %1, VTK, QCustomPlot, HDF5, gemmi and spglib; the engine with LibTorch.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RunResults</name>
    <message>
        <source>Audit passed: symmetries, derivatives, short distances, cutoff.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit NOT passed: %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Scene</name>
    <message>
        <source>Bonds are not drawn: %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SparsityTable</name>
    <message>
        <source>no l</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all l</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: nothing here may change</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, %2
%3 of %4 eligible changed (%5 %)
relative change %6
threshold %7</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changed / eligible</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>||delta|| / ||W0||</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>outside layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 eligible parameters changed: %3 % changed / eligible, %4 % changed / whole model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, %2%3
%4 of %5 eligible changed (%6 %)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> (not in the data)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: not an element of this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2 % of %3 entries changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>share of entries changed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TensorSlices</name>
    <message>
        <source>element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>channel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>channel in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>channel out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|delta|</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>delta</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>base weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tuned weight</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Arrows</name>
    <message>
        <source>Field along %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment along %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>across</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|ዞ/dm| (meV/μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|m| (μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fields on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments of</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|m| tuned − label (μB)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::AtomInspector</name>
    <message>
        <source>not given</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 μB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 μB
(%2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>meV/μB²</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>meV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 %2 at %3 Å: %4 %5</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Position (Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fractional</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment, label</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment, base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment, tuned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|m| tuned − label</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Force (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic force (eV/μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Effective field, tuned (eV/μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strongest exchange</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click an atom in the view or in the atom table to read it here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atom in view</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::AtomTable</name>
    <message>
        <source>Filter, for example: Fe m&gt;2 F&lt;0.5</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Elements (Fe Ni) and conditions on m, dm (moment and its error, μB), F (eV/Å), x, y, z (Å) or # (atom number): m&gt;2 dm&gt;0.1 F&lt;=0.5 #&lt;10</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter for atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atoms of the frame in view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1” is not understood</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 atoms</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::AtomTableModel</name>
    <message>
        <source>Atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>x (Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>y (Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>z (Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|m| label (μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|m| tuned (μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|Δm| (μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|F| (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Place of the atom in its frame, from 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cartesian position in Angstrom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnitude of the labelled magnetic moment in Bohr magnetons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnitude of the moment that the tuned model predicts, in Bohr magnetons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error of the tuned model&apos;s moment: length of the difference from the label, in Bohr magnetons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnitude of the labelled force in eV/Angstrom</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Banner</name>
    <message>
        <source>Problem on this page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide this message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::BlockTreeModel</name>
    <message numerus="yes">
        <source>%n paths</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>one number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Euclidean norm of the stored numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Irreps that the values couple: in → out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shape</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Count</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Norm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A constant of the model: never changed by fine-tuning.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::BlocksPage</name>
    <message>
        <source>%1 of %2 parameters may change (%3 %)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is open.
Open one with Ctrl+M, or drop its file here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Head</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file holds several models in one: this one is computed and trained.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Head</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the parameters that may change</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>own choice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter, for example linear_1 l=2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows the tensors whose name, module or kind matches every word; * stands for anything, ? for one character, l=2 for tensors with a path that ends in l = 2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tick all shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Untick all shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameter blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n elements</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2; cutoff %3 Å; %4; stored as %5</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%L1 parameters in %n tensors</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ComparisonView</name>
    <message>
        <source>eV/atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>eV/Å</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>eV/Å³</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>eV/㯋</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>㯋</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments |m|</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments, magnetic atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment vectors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic forces, across the moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments of %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed parameters in percent of the eligible and of the whole model; validation errors (MAE). Forgetting: how far forces have moved from the base model&apos;s on crystals that are not in the data.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparison of runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared quantity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation error that both charts show.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Validation error of</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tick runs in the list to compare them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 MAE (%2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>During training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>active time (min)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error against changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changed / whole model (%)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>% of eligible</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>% of model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy (eV/atom)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forces (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stress (eV/Å³)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments (㯋)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forgetting (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Active time</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ConfigForm</name>
    <message>
        <source>Open data to see which targets they have labels for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Labels in %n frames: %1.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1: &quot;%2&quot; is not a number in the range of this field.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse deltas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>L1-penalised deltas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low-rank deltas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dense deltas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Full fine-tuning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Readout only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse: the ticked blocks get a delta of which most entries become exactly zero. L1: the same by a penalty on their size. Low-rank: the product of two thin matrices for each coupling. Dense: without zeros. Full: every parameter trains. Readout: only the readout trains.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparsity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>L: best accuracy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>H: fewest changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Target fraction</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How strongly deltas are driven to zero. L and H are the two settings of the published method; a target fraction steers the threshold so that the share you name remains.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change at most (%)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the whole model&apos;s parameters that may differ from the base model at the end, in percent. The share of the eligible parameters is larger.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>L1 penalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How strongly L1 drives deltas to zero: each step takes the learning rate times this off every delta. An optimiser&apos;s step is about one learning rate, so values from 0.01 to 1 make sense.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rank</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Columns of the thin matrices of low-rank deltas, at most; paths with fewer channels take their own number.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scale of low-rank deltas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The product of the thin matrices is multiplied by this over the rank.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One threshold per path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learns a threshold for each coupling of l in to l out instead of one for each tensor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Targets and loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of the energy per atom (eV/atom) in the loss; 0 leaves it out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of the force components (eV/Å) in the loss; 0 leaves them out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of stress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of the stress components (eV/Å³) in the loss; 0 leaves them out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of the magnetic moments (㯋) in the loss; it needs one of the heads that predict them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of the magnetic forces -dE/dm (eV/㯋) in the loss; it needs the head that gives the moments an energy.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare torques only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Of a magnetic force only what lies across its moment enters the loss. Choose this for labels of calculations that hold the moments&apos; lengths by a constraint.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic head</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnitude |m|</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment vectors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy of moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A small new network on the model&apos;s invariant features, trained from scratch and stored with the delta. Magnitude: |m| of every atom. Moment vectors: from the directions in the file. Energy of moments: what given moments cost, with magnetic forces and exchange couplings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss function</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Huber</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Absolute (MAE)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Squared (MSE)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Huber is squared for small and absolute for large errors, so single bad labels do not dominate.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Huber width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error at which the Huber loss turns from squared to absolute, in the units of each target.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare energies per atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Divides energies by the number of atoms, so that large cells do not outweigh small ones.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reference energies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Estimate from the data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the model&apos;s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energies of isolated elements. Estimating them fits the offset between your calculations and the model&apos;s by least squares, before any training; keep them only if both used one setting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule-free AdamW</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>AdamW</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule-free AdamW averages the weights by itself and needs no decaying learning rate.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of a step. 1e-3 to 1e-2 suit sparse deltas; lower it if the loss jumps.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Constant</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Halved on plateaus</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How plain AdamW&apos;s learning rate goes down: along a cosine until the last step, or halved whenever the validation error has not improved for some epochs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many times the training frames are gone through.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warm-up steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps over which the learning rate rises from zero.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edges a batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A batch takes frames until their neighbour pairs reach this number (one frame at least). Memory grows with it: lower it if memory runs out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames a batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At most so many frames a batch; with 0 only the edges count.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>by edges only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gradient clipping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gradients with a larger norm are scaled down to it; 0 switches this off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data split</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation share</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the frames held out to measure errors and to choose the best checkpoint, 0 to 0.9.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seed of the split</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed holds out the same frames.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uses at most so many frames for training, for quick trials.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uses at most so many frames for validation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Against forgetting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replay the base model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mixes frames that the base model labels into training, so that the tuned model keeps what the base model knew: crystals of one and two elements, strained and rattled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replayed frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many such frames are made; they are small (2 to 8 atoms).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of each</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight of a replayed frame in the loss, where a training frame has 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames to measure it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At the end of a run, the tuned model is compared with the base model on so many other crystals, of elements that are not in your data where there are some.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop early after (epochs)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ends the run when the validation error has not improved for so many epochs; 0: never.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Random seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed on the same device gives the same numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GPU (CUDA)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the engine computes. Automatic takes a GPU if the engine finds one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>32 bit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>64 bit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>32 bit is the models&apos; own precision; 64 bit is slower and for checks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoint every (min)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A run that is stopped or killed goes on from its last checkpoint.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Decoupled decay of parameters that train directly (full, readout, heads).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Averaging (EMA)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Factor of the running average of weights with plain AdamW, for example 0.999; 0: off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start of deltas, σ</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deltas start from random numbers of this standard deviation: from zero they would get no gradient.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start of the threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deltas smaller than the threshold count as zero. It starts here and is learnt.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Decay of the threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How fast the threshold drifts upwards against the loss; L uses 0.01, H uses 0.3.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>set by Sparsity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate of thresholds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate of the thresholds alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Decay of deltas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Decoupled decay of the deltas that are not zero.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::DataPage</name>
    <message>
        <source>No data is open.
Open some with Ctrl+O, or drop files here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels are read from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave out selected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take in selected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave out faulty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves out every frame in which the check found an error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Findings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a finding to select its frames in the table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Files read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check before a run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was read of every file, and what was not</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Being counted…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Files: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>frames: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>left out: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>atoms: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>energies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stresses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in %2 frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>labels: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left out on reading: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The check is under way.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was found that speaks against a run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stresses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy per atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>eV/atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|F| (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>|m| (μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Neighbours within the cutoff</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>neighbours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy against composition</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fit by composition (eV/atom)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>label (eV/atom)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels against the sum of one energy an element, fitted to all frames: what lies far from the diagonal is another phase, a strained cell, or an error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No energies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No forces.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No moments.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Counted when a model is open: its cutoff says who is a neighbour.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::DisplayPanel</name>
    <message>
        <source>main axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show arrows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the magnetic moments as arrows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whose moments: the data&apos;s labels, the base model&apos;s, the tuned model&apos;s, or tuned minus label; or the effective fields −dE/dm on the moments, as labelled and as a tuned model with the head spin-energy gives them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tuned model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tuned − label</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field, labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field, tuned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour by</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the colour of an arrow means</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Direction</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnitude</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whole vectors, or only the component along the axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vectors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Along axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Collinear moments are drawn along this axis; it is also the axis of up and down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Main axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Anchor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which part of the arrow sits on the atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Centre</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Head</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Length of the arrows; in the middle the longest is as long as the shortest bond</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thickness of the arrows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> μB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments smaller than this (in Bohr magnetons) get no arrow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide moments below</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide below</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exchange bonds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pairs of moments coloured by their coupling J, thicker the stronger: orange ferromagnetic (J &gt; 0), blue antiferromagnetic. For runs with the head spin-energy or vector</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Couplings weaker than this share of the strongest are not drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide exchange bonds below</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atoms and bonds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Element colours as in Jmol, as in VESTA, or eight that people with colour-vision deficiencies can tell apart</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Jmol</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>VESTA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour-blind safe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radius of the spheres; in the middle 0.4 covalent radii</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bonds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join atoms closer than 1.15 times the sum of their covalent radii</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also between metals</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join metal atoms with each other as well</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cell</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cell edges</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the edges of the unit cell</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Further cells drawn along %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Periodic images along %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Periodic images</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::EngineClient</name>
    <message>
        <source>The program lodestone-engine was not found. Put it beside lodestone, or name it in the environment variable LODESTONE_ENGINE.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine busy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine not found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 could not be started: %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine ended unexpectedly; it is started again with the next request.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine ended with exit code %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not understood from the engine: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine reported an error without a text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s answer holds neither a result nor an error.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ExchangeBonds</name>
    <message>
        <source>J (meV/㯋²)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>J (meV)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Of %L1 exchange bonds the %L2 strongest are drawn.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::FormHistory</name>
    <message>
        <source>Change settings</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::FrameBar</name>
    <message>
        <source>Play the frames one after another</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Play frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame in view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of the frame in view, from 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> of %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop at this frame</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::FrameTableModel</name>
    <message>
        <source>unknown element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no stress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>contradiction</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>large force</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unusual energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>other method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>close atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lone atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Formula</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>E (eV/atom)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>max |F| (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>max |m| (μB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ticked frames are used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labelled energy per atom in eV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest labelled force in eV/Å</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest labelled moment in Bohr magnetons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the check before a run says of the frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File and place in it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::HeatMap</name>
    <message>
        <source>No data yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Heat map of %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Copy numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Save as…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the heat map</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 could not be written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>row %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>column %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::HelpWindow</name>
    <message>
        <source>Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search in all pages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search in the help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages of the help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Forward</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::KeyEditor</name>
    <message>
        <source>&amp;Energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Stress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Virial</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magn. fo&amp;rces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy of the frame in eV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forces in eV/Å</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stress in eV/Å³, tension positive</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Virial in eV: minus stress times volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic moments in Bohr magnetons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic forces −dE/dm in eV per Bohr magneton</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none in the files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not used</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::LogView</name>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages of the engine and of this window.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::MainWindow</name>
    <message>
        <source>Lodestone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is selected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is neither a model, nor a data file, nor a run folder that Lodestone can read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The demo&apos;s files were not found: the folder resources/demo is missing or incomplete.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models (%1);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Structures (*.extxyz *.xyz *.cif *.mcif *.vasp *.poscar POSCAR* CONTCAR* OUTCAR* *.outcar vasprun*.xml *.json type.raw *.gz *.zst);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project names files that are not there; it was opened without %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A run is going on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run “%1” goes on without this window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is found again when Lodestone is opened the next time. It can also be stopped now; it then writes a checkpoint and can be resumed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let it go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the &amp;demo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+D</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a &amp;model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+M</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Open data…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Add data…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Shift+O</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a &amp;run…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+R</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Re&amp;cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Q</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+,</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+%1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Shift+P</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Shift+I</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Shift+L</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Shift+A</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Alt+P</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Alt+G</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Alt+S</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Close the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Help on this page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Twelve tasks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+F1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;About Lodestone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Projects (*%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;New project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+N</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a pro&amp;ject…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Alt+O</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Save the project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+S</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the project &amp;as…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Shift+S</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project was saved as %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project was changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project “%1” was changed since it was saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models, data and runs are files of their own and stay as they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a project</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::MeasureTool</name>
    <message>
        <source>Measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click two atoms for their distance, a third for the angle at the second, a fourth for the dihedral angle. Clicking the last one again takes it away</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Measurement</name>
    <message>
        <source>%1 Å</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1°</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>dihedral %1°</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::PageStack</name>
    <message>
        <source>Pages</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ParityView</name>
    <message>
        <source>Forgetting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which frames the plots show. Training frames flatter a model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>label (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grey: base model; colour: tuned model; dashed: perfect agreement.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mean |m| per element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tuned</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Plot</name>
    <message>
        <source>No data yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chart of %1 against %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Fit all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logarithmic &amp;x axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logarithmic &amp;y axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Copy numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Save as…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the chart</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 could not be written.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ProjectTree</name>
    <message>
        <source>epoch %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>running, %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paused, %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data sets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove from the recent files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove from the list of runs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::RecentFiles</name>
    <message>
        <source>Clear the list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ReferencePanel</name>
    <message>
        <source>Reference energies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift of each element&apos;s reference energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What has to be added to the model&apos;s energy of each atom of this element so that it fits the labels best; a run adds it when its reference energies are fitted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No frame has an energy and only elements that the model knows: nothing to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Could not be compared with the model: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Being compared with the model: %1 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels and model differ by %1 eV/atom (root mean square over %2 frames), after the shifts below by %3.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The compositions determine all of them (rank %1 of %2).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The compositions determine them only together (rank %1 of %2): the smallest ones are taken.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift (eV/atom)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::ResultsPage</name>
    <message>
        <source>Export tuned &amp;model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes the base file with the tuned weights, in the format it came in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export &amp;delta…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes the changes alone: a small file that goes with the base model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save &amp;report…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One page with figures, tables and the commands that give its numbers again, as PDF or HTML.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Errors of base and tuned model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy table as text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Errors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed (%)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forces (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments (㯋)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed parameters / whole model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation MAE of forces (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation MAE of moments |m| (㯋)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a run to see its results; tick several to compare them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks for runs in the folder of runs again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open run folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are no runs in %1 yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run in view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a run in the list, or start one on the Training page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2 of %3 eligible parameters changed (%4 % changed / eligible, %5 % changed / whole model of %6).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run has no result yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE tuned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Improvement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RMSE base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RMSE tuned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The parity plots come with the run&apos;s result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run has left no predictions, so there is nothing to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the delta</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the tuned model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delta (*%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model (*%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 exists. Replace it?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a run before exporting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing %1…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>HTML (*.html)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a run before saving its report.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Making the report of %1…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Session</name>
    <message>
        <source>Reading the model %1…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model %1: %L2 parameters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading was cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading %1%2…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> and others</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not everything was read: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not everything was read: %1 (and %2 more, see “Files read” on the page Data)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames read: %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exclude frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This frame has no moments, which the run&apos;s magnetic head starts from.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run has no tuned moments yet: they come with its result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program lodestone-engine was not found, so no run can start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program lodestone-engine was not found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 could not be started.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run %1 goes on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run %1 started.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine ended before the run began. %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run failed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::SettingsDialog</name>
    <message>
        <source>&amp;Open again at the start what was open last</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Of menus, pages and dialogs; the engine&apos;s messages are in English.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Folder for new runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for new runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder for new runs needs a full path.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is a file, not a folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing can be written in %1.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::SparsityPage</name>
    <message>
        <source>Blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Elements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the map shows: every block by l, all blocks of a layer together by l, or tensors whose values belong to single elements, by element.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed / eligible</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Relative change ||delta|| / ||W0||</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Signature 1 - R²</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sensitivity of the loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the colours mean. Norms and thresholds are known for each tensor. Signature and sensitivity belong to the run&apos;s result; the engine computes them once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saves the map as a picture (PNG, SVG, PDF) or its numbers (CSV).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earlier moments of the run; at the right end the map follows the run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run is open. Start one on the Training page, or open one on the Results page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run has not reported which parameters changed yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No tensor of this run has values that belong to single elements, or the run was recorded by a version that did not count them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First the elements of the open data: %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run changes no parameters that belong to a layer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step %1, epoch %2%3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> (live)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The explanation of the run names no blocks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Signature and sensitivity come with the run&apos;s result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is looking at what the run has changed…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparsity</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::StatusPanel</name>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine not started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel reading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The background program that evaluates models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where models are evaluated, and its memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lodestone-engine %1, LibTorch %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2 left</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::StructurePage</name>
    <message>
        <source>Open data to see it here: drop a file or press Ctrl+O</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Display</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the display settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look down the a axis (b to the right, c up)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look down the b axis (c to the right, a up)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look down the c axis (a to the right, b up)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corner</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look from a corner, c up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything in view, same direction</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parallel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parallel projection instead of perspective</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the view as PNG, at a multiple of its size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Transparent background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PNG at %1× the size…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PNG pictures (*.png)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture could not be drawn at %1 times the size: choose a smaller factor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Picture written to %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture could not be written to %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>space group %1 (%2 Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>frame %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 atom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 atoms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>E = %1 eV (label)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Structure</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TensorInspector</name>
    <message>
        <source>value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>number of weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Histogram of the tensor&apos;s values</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tensor is stored as one list: each of its paths is a matrix.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Matrix</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a tensor in the tree to see its numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shape</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Count</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Norm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Irreps in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Irreps out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Elements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>axis %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the weights…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deviation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smallest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exactly zero</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TensorView</name>
    <message>
        <source>← All blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tensor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tensors behind the cell that was clicked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tensor is stored as one list: each of its paths is a matrix.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of change |delta|</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change (delta)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tuned weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the matrix shows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saves the picture (PNG, SVG, PDF) or the numbers (CSV).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Matrix</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Elements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click an entry to read its weight.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the engine for %1…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 weights; the run has no result for them yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 weights changed (%3 %).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> (%1, row %2, column %3)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 %2: base %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, tuned %1, delta %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> (unchanged)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TextTable</name>
    <message>
        <source>&amp;Copy as text</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TrainingCurves</name>
    <message>
        <source>Step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time (min)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the horizontal axis counts. The time leaves pauses out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Linear</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scale of the vertical axis of losses and errors: logarithmic or linear.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Averages the loss curves over neighbouring steps. The curve as measured stays behind, pale; first and last points stay where they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Horizontal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Vertical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;moothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows all of every curve again after zooming.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run is open. Start one, or open one on the Results page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forces, validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE (eV/Å)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Energy, validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE (eV/atom)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stress, validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE (eV/Å³)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moments |m|, validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE (㯋)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Magnetic forces, validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MAE (eV/㯋)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threshold, mean over tensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>share (%)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the first step.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>epoch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>active time (min)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changed / eligible</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changed / whole model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>total</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>energy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>moments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>magnetic forces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mean |m| per element</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>base model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tuned</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::TrainingPage</name>
    <message>
        <source>Resolved configuration</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every setting of the run with all defaults filled in, as it will be launched.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measured by the engine on a few frames of the open data, on this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open settings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fills the form from a configuration file (JSON).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save settings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes the resolved configuration to a file that lodestone-engine finetune reads.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>name of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run&apos;s folder gets this name; empty: the method and the time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tick at least one block on the Blocks page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open training data first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 parameters may change (%3 %).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The target fraction is larger than that, so every delta could stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The target keeps %1 of them (%2 % of the eligible).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts the engine on this configuration. The run goes on when this window is closed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory and time could not be measured: the model computes none of the frames.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory and time could not be measured: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring memory and time: %1 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory and time are measured when no run is going on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Interrupted: no engine works on it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not begun: no engine works on it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waits after the step in work; nothing is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes on where the run was paused, stopped or cut off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes a checkpoint and the result so far, then ends the run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages of the run appear here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run in view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a run, or open one on the Results page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>epoch %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>active time %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 atoms/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 % of the eligible and %2 % of all parameters changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the first step.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::Viewport</name>
    <message>
        <source>The 3D view needs an X11 display with OpenGL 3.2. Frames, tables and moments can be read without it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::VtkViewport</name>
    <message>
        <source>3D view of the structure</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>lodestone::gui::WelcomePage</name>
    <message>
        <source>Lodestone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse fine-tuning of equivariant interatomic models, with magnetic moments in view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A small magnetic model and data set: the whole way in two minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The demo&apos;s files were not found beside the program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A pre-trained equivariant model, for example an .nqx file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open data…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Extended XYZ, CIF, files of VASP, ASE or DeePMD-kit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a run…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A run folder, also one that is still going on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models, data files and run folders can also be dropped anywhere in this window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has been opened yet.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
