import java.util.zip.ZipFile

// what is published beside the class path that Main looks at: each jar with its papers, each module with its bill of materials
def group = new File(localRepositoryPath, 'org/transfer4j')
['core', 'preprocessing'].each { module ->
    def files = []
    new File(group, "transfer4j-$module").eachFileRecurse { files << it }
    def jars = files.findAll { it.name.endsWith('.jar') }
    assert jars.size() == 3 : "$module has $jars, but should have classes, sources and Javadoc"
    jars.each { jar ->
        def zip = new ZipFile(jar)
        def text = { name ->
            def entry = zip.getEntry("META-INF/$name")
            assert entry != null : "$jar.name has no META-INF/$name"
            zip.getInputStream(entry).getText('UTF-8')
        }
        assert text('LICENSE').contains('Apache License')
        def notice = text('NOTICE')
        assert notice.contains('CC BY 4.0') && notice.contains('CIFAR-10') : "$jar.name: $notice"
        zip.close()
    }
    def bill = files.find { it.name.endsWith('-cyclonedx.json') }
    assert bill != null : "$module has no bill of materials: $files"
    assert bill.getText('UTF-8').contains('pkg:maven/org.nd4j/nd4j-native@')
}
return true
